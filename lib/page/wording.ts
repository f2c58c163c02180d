import { isRecord } from '../shapes.js';
import { timers } from '../timers.js';
import type { TurnUsage } from '../turn/usage.js';

/** Formats a duration in a short form: `950 ms`, `2.3 s`, `4 min 12 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Formats a number with thousands separators. */
export function amount(value: number): string {
  return value.toLocaleString('en-US');
}

/** Formats a time to the second, in UTC, because a page may be read in another time zone. */
export function moment(milliseconds: number): string {
  const date = new timers.Date(milliseconds);
  if (Number.isNaN(date.getTime())) return 'unknown time';
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `1 file`, `2 files`. */
export function counted(count: number, noun: string): string {
  return `${amount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Formats the usage of a turn: `1,200 tokens in, 30 out`. */
export function tokens({ inputTokens, outputTokens }: TurnUsage): string {
  return `${amount(inputTokens)} tokens in, ${amount(outputTokens)} out`;
}

/** Omits the end of a long line. */
export function cutOff(line: string, most: number): string {
  return line.length <= most ? line : `${line.slice(0, most - 1)}\u2026`;
}

/** Removes the shell in which codex-rs runs a command. */
export function bareCommand(command: string): string {
  const [, script] = /^(?:\S*\/)?(?:ba|z)?sh -l?c (.+)$/s.exec(command) ?? [];
  if (script === undefined) return command;
  const quoted = /^'((?:[^']|'\\'')*)'$/s.exec(script) ?? /^"((?:[^"\\`$]|\\.)*)"$/s.exec(script);
  return quoted?.[1] === undefined ? script : quoted[1].replaceAll(`'\\''`, `'`);
}

/** Omits the middle of a long text. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const half = Math.floor(most / 2);
  const left = amount(text.length - 2 * half);
  return `${text.slice(0, half)}\n\u2026 ${left} characters omitted \u2026\n${text.slice(-half)}`;
}

/** Extracts the text from the message of a failed turn: codex-rs forwards the provider's response, often JSON. */
export function failureText(message: string): string {
  try {
    const value: unknown = JSON.parse(message);
    const error = isRecord(value) && isRecord(value.error) ? value.error : value;
    return isRecord(error) && typeof error.message === 'string' ? error.message : message;
  } catch {
    return message;
  }
}
