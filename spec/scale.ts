/** Whether the specs run at their full size: CI does that with those that have two. */
const isFull = process.env.CODEX_THREADS_FULL_SPECS === '1';

/** How many of something a spec takes: fewer in an ordinary run, which is to be short. */
export function scaled(full: number, ordinary: number): number {
  return isFull ? full : ordinary;
}
