import { list, decode, type Versioned } from './decode.js';

/** One page of a list from codex-rs. */
export interface Page<T> {
  readonly data: readonly T[];
  readonly nextCursor: string | null;
}

/** Iterates over all entries of a list and requests its pages as needed. */
export async function* paged<T>(
  server: Versioned | null,
  ask: (cursor: string | null) => Promise<Page<T>>,
): AsyncGenerator<T, void> {
  let cursor: string | null = null;
  do {
    const page: Page<T> = await ask(cursor);
    yield* decode('a request for a list', () => list(page.data), server);
    cursor = followingCursor(page, cursor);
  } while (cursor !== null);
}

/** The cursor of the next page; null after the last one. */
export function followingCursor(
  { nextCursor }: Page<unknown>,
  cursor: string | null,
): string | null {
  // Only a new cursor continues; otherwise a list might never end.
  return typeof nextCursor === 'string' && nextCursor !== cursor ? nextCursor : null;
}
