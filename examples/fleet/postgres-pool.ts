import { Pool } from 'pg';

/** Connections to a database that may be temporarily unavailable. */
export function postgresPool(url: string): Pool {
  const pool = new Pool({
    connectionString: url,
    // A silent network must not block a call indefinitely.
    connectionTimeoutMillis: 5000,
    query_timeout: 10_000,
    keepAlive: true,
  });
  // pg reconnects by itself; without a listener, the process would exit.
  pool.on('error', () => undefined);
  return pool;
}
