import { stripVTControlCharacters } from 'node:util';

/** A value in a {@link markup} template: texts are escaped, markup is kept, null is omitted. */
export type MarkupValue = Markup | string | number | null | readonly MarkupValue[];

/** Markup of this library, in which every external text is escaped. */
export class Markup {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** Creates markup from a literal of this library; never from a text of a thread. */
  static trusted(text: string): Markup {
    return new Markup(text);
  }

  toString(): string {
    return this.#text;
  }
}

/** The template tag that creates markup. Values that are not {@link Markup} become text. */
export function markup(parts: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  const pieces = parts.flatMap((part, index) =>
    index < values.length ? [part, markupOf(values[index] ?? null)] : [part],
  );
  return Markup.trusted(pieces.join(''));
}

function markupOf(value: MarkupValue): string {
  if (value === null) return '';
  if (value instanceof Markup) return value.toString();
  if (typeof value === 'object') return value.map(markupOf).join('');
  return escaped(String(value));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Removes markup, terminal colours, and characters that change the text direction. */
function escaped(text: string): string {
  const plain = text.includes('\u001b') ? stripVTControlCharacters(text) : text;
  return (
    plain
      .replace(/[&<>"'`]/g, (character) => entities[character] ?? '')
      // eslint-disable-next-line no-control-regex -- these are the characters to be removed
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, '\ufffd')
      .replace(
        /[\u202a-\u202e\u2066-\u2069]/g,
        (character) => `\u27e8U+${character.charCodeAt(0).toString(16).toUpperCase()}\u27e9`,
      )
  );
}
