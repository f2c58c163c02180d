import { open } from 'node:fs/promises';

/** The names in a directory survive a loss of power from now on. */
export async function synced(directory: string): Promise<void> {
  const handle = await open(directory);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
