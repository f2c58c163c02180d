import { JSONParser } from '@streamparser/json';

/** An incomplete text: its position and its content so far. */
export interface GrowingText {
  readonly parent: unknown;
  readonly key: string | number;
  readonly text: string;
}

/** JSON that arrives in pieces: its value so far, and the parts that are still open. */
export class GrowingJson {
  readonly #parser = new JSONParser({ emitPartialTokens: true, emitPartialValues: true });
  /** The beginning, until a surrounding Markdown fence is detected or ruled out. */
  #head: string | null = '';
  #halfCharacter = '';
  #root: unknown;
  #last: Parsed | null = null;
  #hasNews = false;
  #isBroken = false;

  constructor() {
    this.#parser.onValue = (info) => {
      const { value, partial, parent } = info;
      // An incomplete key, number or literal is not shown.
      if (partial !== true || typeof value === 'string' || parent !== this.#last?.parent)
        this.#hasNews = true;
      this.#last = info;
      this.#root ??= info.parent ?? (info.partial === true ? undefined : info.value);
    };
    this.#parser.onError = () => {
      this.#isBroken = true;
    };
  }

  /** The value so far, updated in place; undefined before there is a value, and for invalid JSON. */
  get root(): unknown {
    return this.#root;
  }

  /** The text that is currently being written, or null. */
  get text(): GrowingText | null {
    const { parent, key, value, partial } = this.#last ?? {};
    return partial === true && typeof value === 'string' && key !== undefined
      ? { parent, key, text: value }
      : null;
  }

  /** Whether an object or an array is still incomplete. */
  isOpen(value: unknown): boolean {
    const { parent, stack = [] } = this.#last ?? {};
    return value === parent || stack.some((level) => level.value === value);
  }

  /** Adds the next piece; returns whether the value has changed. */
  add(piece: string): boolean {
    this.#hasNews = false;
    const text = this.#withoutFence(this.#halfCharacter + piece);
    // A surrogate pair is read as one character.
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
