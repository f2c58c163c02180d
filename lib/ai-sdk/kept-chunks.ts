import { canReplace } from './turn-chunks.js';
import type { CodexUIMessageChunk } from './ui-message.js';

/** The chunks of a turn so far, and those that come, for any number of readers: each gets all of them. */
export class KeptChunks {
  readonly #chunks: (CodexUIMessageChunk | null)[] = [];
  readonly #waiting = new Set<() => void>();
  #readers = 0;
  #isOver = false;

  /** Whether nothing more comes. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** How many read them now. */
  get readers(): number {
    return this.#readers;
  }

  /** Adds a chunk. */
  push(chunk: CodexUIMessageChunk): void {
    const last = this.#chunks.at(-1) ?? null;
    // A later reader does not need what is over.
    if (last !== null && canReplace(last, chunk)) this.#chunks[this.#chunks.length - 1] = null;
    this.#chunks.push(chunk);
    this.#wakeAll();
  }

  /** Nothing more comes. */
  end(): void {
    this.#isOver = true;
    this.#wakeAll();
  }

  /** All chunks from the first one on. @param left - called when the reader has left or has read to the end */
  stream(left: () => void): ReadableStream<CodexUIMessageChunk> {
    const place = { next: 0 };
    this.#readers += 1;
    let isReading = true;
    const leave = (): void => {
      if (!isReading) return;
      isReading = false;
      this.#readers -= 1;
      left();
    };
    return new globalThis.ReadableStream<CodexUIMessageChunk>(
      {
        pull: async (controller) => {
          const chunk = await this.#take(place);
          if (chunk === null) {
            leave();
            controller.close();
          } else controller.enqueue(chunk);
        },
        cancel: leave,
      },
      { highWaterMark: 0 },
    );
  }

  /** The next chunk; neighbouring pieces of a text that are there already as one. */
  async #take(place: { next: number }): Promise<CodexUIMessageChunk | null> {
    for (;;) {
      const chunk = this.#chunks[place.next];
      if (chunk !== undefined) place.next += 1;
      if (chunk !== undefined && chunk !== null) return this.#joined(chunk, place);
      if (chunk === undefined && this.#isOver) return null;
      if (chunk === undefined)
        await new Promise<void>((resolve) => {
          this.#waiting.add(resolve);
        });
    }
  }

  #joined(chunk: CodexUIMessageChunk, place: { next: number }): CodexUIMessageChunk {
    if (chunk.type !== 'text-delta' && chunk.type !== 'reasoning-delta') return chunk;
    const deltas = [chunk.delta];
    for (;;) {
      const next = this.#chunks[place.next];
      if (next?.type !== chunk.type || next.id !== chunk.id) break;
      deltas.push(next.delta);
      place.next += 1;
    }
    return { ...chunk, delta: deltas.join('') };
  }

  #wakeAll(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
