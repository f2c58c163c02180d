/** Whether the specs run at full size: in CI, for those with two sizes. */
const isFull = process.env.CODEX_THREADS_FULL_SPECS === '1';

/** The number of repetitions of a spec: smaller in an ordinary run. */
export function scaled(full: number, ordinary: number): number {
  return isFull ? full : ordinary;
}
