import type { TurnEvents } from './turn-events.js';
import { timers } from '../timers.js';

type OutputEvent = TurnEvents['command.output' | 'command.replaced'];

/** How long the first piece is held while the command runs, in milliseconds. */
const holdMs = 2000;

/**
 * The output of one command. codex-rs does not stream the output of the first 150 ms, and drops pieces when there are too
 * many; the completed item has all of it. So the first pieces are held for a moment: the output of a short command is
 * delivered complete and in order. The output of a longer command is live from then on, and replaced at the end if
 * something is missing.
 */
export class CommandOutput {
  readonly #itemId: string;
  readonly #emit: (event: OutputEvent) => void;
  #delivered = '';
  #held = '';
  #isLive = false;
  #timer: NodeJS.Timeout | null = null;

  /** @param emit - receives the held pieces when the command takes longer */
  constructor(itemId: string, emit: (event: OutputEvent) => void) {
    this.#itemId = itemId;
    this.#emit = emit;
  }

  /** The events for one more piece: none while it is held. */
  add(text: string): OutputEvent[] {
    if (this.#isLive) return this.#deliver(text);
    this.#held += text;
    this.#timer ??= timers
      .setTimeout(() => {
        for (const event of this.release()) this.#emit(event);
      }, holdMs)
      .unref();
    return [];
  }

  /** The events for the held pieces; later ones are not held. */
  release(): OutputEvent[] {
    this.#isLive = true;
    return this.#deliver(this.#takeHeld());
  }

  /** The events that complete the delivered output. `whole` is null if codex-rs does not report it. */
  complete(whole: string | null): OutputEvent[] {
    if (whole === null) return this.release();
    this.#takeHeld();
    if (whole.startsWith(this.#delivered))
      return this.#deliver(whole.slice(this.#delivered.length));
    return [{ type: 'command.replaced', itemId: this.#itemId, text: whole }];
  }

  #takeHeld(): string {
    if (this.#timer !== null) timers.clearTimeout(this.#timer);
    this.#timer = null;
    const held = this.#held;
    this.#held = '';
    return held;
  }

  #deliver(text: string): OutputEvent[] {
    if (text === '') return [];
    this.#delivered += text;
    return [{ type: 'command.output', itemId: this.#itemId, text }];
  }
}
