import { list, decode, type Versioned } from './decode.js';

/** One page of a list, as codex-rs gives it. */
export interface Page<T> {
  readonly data: readonly T[];
  readonly nextCursor: string | null;
}

/** Every entry of a list over all its pages, asked for as they are needed. */
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

/** Where the page after this one begins; null after the last one. */
export function followingCursor(
  { nextCursor }: Page<unknown>,
  cursor: string | null,
): string | null {
  // Anything else than a new cursor is the end: otherwise a list would never end.
  return typeof nextCursor === 'string' && nextCursor !== cursor ? nextCursor : null;
}
