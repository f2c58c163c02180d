import type { TurnRun } from './turn-run.js';

/** The beginning of a turn's input for lists of threads; its key for an input without text. */
export function turnTitle({ input, clientMessageId }: TurnRun): string {
  const texts = input.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  const [line = ''] = texts.join('\n').trim().split('\n');
  return line.trim().slice(0, 80) || clientMessageId;
}
