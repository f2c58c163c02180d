import { JSONParser } from '@streamparser/json';

/** A text that is not complete yet: where it stands, and as far as it has come. */
export interface GrowingText {
  readonly parent: unknown;
  readonly key: string | number;
  readonly text: string;
}

/** JSON that comes in pieces: its value so far, and what of it is still open. */
export class GrowingJson {
  readonly #parser = new JSONParser({ emitPartialTokens: true, emitPartialValues: true });
  /** The beginning, until it is known whether a Markdown fence is around the value. */
  #head: string | null = '';
  #halfCharacter = '';
  #root: unknown;
  #last: Parsed | null = null;
  #hasNews = false;
  #isBroken = false;

  constructor() {
    this.#parser.onValue = (info) => {
      const { value, partial, parent } = info;
      // A key, a number or a word that is being written shows nothing yet.
      if (partial !== true || typeof value === 'string' || parent !== this.#last?.parent)
        this.#hasNews = true;
      this.#last = info;
      this.#root ??= info.parent ?? (info.partial === true ? undefined : info.value);
    };
    this.#parser.onError = () => {
      this.#isBroken = true;
    };
  }

  /** The value so far, which grows in place; undefined before there is one, and for what is no JSON. */
  get root(): unknown {
    return this.#root;
  }

  /** The text that is being written now, or null. */
  get text(): GrowingText | null {
    const { parent, key, value, partial } = this.#last ?? {};
    return partial === true && typeof value === 'string' && key !== undefined
      ? { parent, key, text: value }
      : null;
  }

  /** Whether more may come into an object or an array. */
  isOpen(value: unknown): boolean {
    const { parent, stack = [] } = this.#last ?? {};
    return value === parent || stack.some((level) => level.value === value);
  }

  /** Takes in the next piece; gives whether anything came of it. */
  add(piece: string): boolean {
    this.#hasNews = false;
    const text = this.#withoutFence(this.#halfCharacter + piece);
    // A character of two halves is read as one.
    const isHalf = /[\uD800-\uDBFF]$/.test(text);
    this.#halfCharacter = isHalf ? text.slice(-1) : '';
    const whole = isHalf ? text.slice(0, -1) : text;
    if (whole !== '' && !this.#isBroken && !this.#parser.isEnded) this.#write(whole);
    return this.#hasNews;
  }

  #write(text: string): void {
    try {
      this.#parser.write(text);
    } catch {
      // Reported to onError.
    }
  }

  #withoutFence(piece: string): string {
    if (this.#head === null) return piece;
    this.#head += piece;
    const text = this.#head.trimStart();
    if (text === '') return '';
    const end = text.indexOf('\n');
    if (text.startsWith('`') && end < 0) return '';
    this.#head = null;
    return text.startsWith('`') ? text.slice(end) : text;
  }
}

type Parsed = Parameters<JSONParser['onValue']>[0];
