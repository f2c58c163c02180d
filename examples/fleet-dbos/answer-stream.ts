import { DBOS } from '@dbos-inc/dbos-sdk';
import { answerStream } from './names.js';

/**
 * Writes the pieces of an answer to the stream of the workflow: one row at a time, with all pieces since the last
 * row.
 */
export class AnswerStream {
  #waiting = '';
  #writing: Promise<void> | null = null;

  write(text: string): void {
    this.#waiting += text;
    this.#writing ??= this.#flush();
  }

  async end(): Promise<void> {
    await this.#writing;
    await DBOS.closeStream(answerStream).catch(() => undefined);
  }

  /** The turn does not depend on the stream. */
  async #flush(): Promise<void> {
    while (this.#waiting !== '') {
      const text = this.#waiting;
      this.#waiting = '';
      await DBOS.writeStream(answerStream, text).catch(() => undefined);
    }
    this.#writing = null;
  }
}
