import { open } from 'node:fs/promises';
import { codeOf } from '../shapes.js';

/** The names in a directory survive a loss of power from now on, where the system can be told so: Windows cannot. */
export async function synced(directory: string): Promise<void> {
  try {
    await using handle = await open(directory);
    await handle.sync();
  } catch (error) {
    if (!['EPERM', 'EISDIR', 'EACCES', 'EINVAL'].includes(String(codeOf(error)))) throw error;
  }
}
