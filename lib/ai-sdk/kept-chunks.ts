import { canReplace } from './turn-chunks.js';
import type { CodexUIMessageChunk } from './ui-message.js';

/** The chunks of a turn, for any number of readers. Each reader receives all of them, past and future. */
export class KeptChunks {
  readonly #chunks: (CodexUIMessageChunk | null)[] = [];
  readonly #waiting = new Set<() => void>();
  #readers = 0;
  #isOver = false;

  /** Whether the chunks are complete. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The number of current readers. */
  get readers(): number {
    return this.#readers;
  }

  /** Adds a chunk. */
  push(chunk: CodexUIMessageChunk): void {
    const last = this.#chunks.at(-1) ?? null;
    // A later reader does not need chunks that were replaced.
    if (last !== null && canReplace(last, chunk)) this.#chunks[this.#chunks.length - 1] = null;
    this.#chunks.push(chunk);
    this.#wakeAll();
  }

  /** Marks the chunks as complete. */
  end(): void {
    this.#isOver = true;
    this.#wakeAll();
  }

  /** Streams all chunks from the first one. @param left - called when the reader leaves or reaches the end */
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

  /** Returns the next chunk. Available consecutive pieces of a text are joined. */
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
