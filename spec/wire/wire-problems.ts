import { telemetry } from '../../lib/telemetry/telemetry.js';

/** Collects the protocol problems that telemetry reports until it is disposed. */
export class WireProblems implements Disposable {
  readonly messages: string[] = [];
  readonly #stop = telemetry.problem.subscribe(({ during, message }) => {
    if (during === 'protocol') this.messages.push(message);
  });

  /** Lines that are not messages. */
  get garbage(): number {
    return this.#count('not a message');
  }

  /** Unexpected replies. */
  get strayReplies(): number {
    return this.#count('an unexpected reply');
  }

  /** Listeners that threw. */
  get listenerErrors(): number {
    return this.#count('A listener');
  }

  [Symbol.dispose](): void {
    this.#stop();
  }

  #count(words: string): number {
    return this.messages.filter((message) => message.includes(words)).length;
  }
}
