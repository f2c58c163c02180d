import { open } from 'node:fs/promises';
import { codeOf } from '../shapes.js';

/** Flushes the names in a directory, so that they survive a power loss. Windows does not support this. */
export async function synced(directory: string): Promise<void> {
  try {
    await using handle = await open(directory);
    await handle.sync();
  } catch (error) {
    if (!['EPERM', 'EISDIR', 'EACCES', 'EINVAL'].includes(String(codeOf(error)))) throw error;
  }
}
