import { stripVTControlCharacters } from 'node:util';

/** What {@link markup} takes in: texts are escaped, markup stays as it is, null leaves no trace. */
export type MarkupValue = Markup | string | number | null | readonly MarkupValue[];

/** Markup that was written in this library, with every foreign text in it escaped. */
export class Markup {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** Markup of this library's own: never a text of a thread. */
  static trusted(text: string): Markup {
    return new Markup(text);
  }

  toString(): string {
    return this.#text;
  }
}

/** The only way in which markup is made: a value that is not {@link Markup} becomes text. */
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

/** Text without markup, without colours of a terminal, and without characters that reorder what is read. */
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
