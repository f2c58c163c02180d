import { Pool } from 'pg';

/** Connections to a database that may be away for a while. */
export function postgresPool(url: string): Pool {
  const pool = new Pool({
    connectionString: url,
    // A network that says nothing must not hold anything up for ever.
    connectionTimeoutMillis: 5000,
    query_timeout: 10_000,
    keepAlive: true,
  });
  // pg connects again by itself; without a listener, the process would end.
  pool.on('error', () => undefined);
  return pool;
}
