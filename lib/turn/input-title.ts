import type { UserInput } from '../protocol/index.js';

/** The beginning of an input, as lists of threads show it; empty without a text. */
export function inputTitle(input: readonly UserInput[]): string {
  const texts = input.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  const [line = ''] = texts.join('\n').trim().split('\n');
  return line.trim().slice(0, 80);
}
