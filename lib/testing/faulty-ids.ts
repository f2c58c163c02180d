import { randomBytes } from 'node:crypto';
import { timers } from '../timers.js';

/** Makes ids like those of codex-rs: version 7 UUIDs, which sort by time. @internal */
export class FaultyIds {
  /** A new id. */
  static next(): string {
    const time = timers.Date.now().toString(16).padStart(12, '0').slice(-12);
    const noise = randomBytes(10).toString('hex');
    return [
      time.slice(0, 8),
      time.slice(8),
      `7${noise.slice(0, 3)}`,
      `8${noise.slice(3, 6)}`,
      noise.slice(6, 18),
    ].join('-');
  }

  /** What is wrong with an id, in the words of codex-rs, or null when it is well formed. */
  static problem(id: string): string | null {
    const plain = id.replaceAll('-', '');
    const wrong = /[^0-9a-f]/i.exec(plain)?.[0];
    if (plain.length !== 32)
      return `invalid length: expected length 32 for simple format, found ${id.length}`;
    return wrong === undefined ? null : `invalid character: found \`${wrong}\``;
  }
}
