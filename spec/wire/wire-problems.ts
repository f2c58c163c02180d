import { telemetry } from '../../lib/telemetry/telemetry.js';

/** What goes wrong on the wire until it is disposed, as telemetry tells it. */
export class WireProblems implements Disposable {
  readonly messages: string[] = [];
  readonly #stop = telemetry.problem.subscribe(({ during, message }) => {
    if (during === 'protocol') this.messages.push(message);
  });

  /** Lines that are no message. */
  get garbage(): number {
    return this.#count('no message');
  }

  /** Replies that nobody waits for. */
  get strayReplies(): number {
    return this.#count('a reply');
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
