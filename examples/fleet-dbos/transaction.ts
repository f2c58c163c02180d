import type { Pool, PoolClient } from 'pg';

/** Does all of the work on the database, or nothing. */
export async function transaction<T>(
  pool: Pool,
  work: (connection: PoolClient) => Promise<T>,
): Promise<T> {
  const connection = await pool.connect();
  // The statement that runs fails of itself; without a listener, the process would end.
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
