import type { Pool, PoolClient } from 'pg';

/** Runs the work in a transaction. */
export async function transaction<T>(
  pool: Pool,
  work: (connection: PoolClient) => Promise<T>,
): Promise<T> {
  const connection = await pool.connect();
  // A running statement fails by itself; without a listener, the process would exit.
  const ignore = (): void => undefined;
  connection.on('error', ignore);
  try {
    await connection.query('BEGIN');
    const result = await work(connection);
    await connection.query('COMMIT');
    connection.off('error', ignore);
    connection.release();
    return result;
  } catch (error) {
    connection.release(true);
    throw error;
  }
}
