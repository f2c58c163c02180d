import { isDeepStrictEqual } from 'node:util';
import type { RecordedTurn } from '../index.js';
import { callLines, itemLines } from './item-lines.js';
import type { RecordedSettings, ThreadExport, TurnDetails } from '../page/index.js';
import { turnEntries } from '../page/turn-entries.js';
import { statusOf } from '../page/turn-view.js';
import { counted, duration, failureText, moment, tokens } from '../page/wording.js';
import type { Terminal } from './terminal.js';

/** The context of a turn. */
export interface TurnSurroundings {
  readonly number: number;
  readonly details: TurnDetails | null;
  /** The settings of the previously printed turn, or null. */
  readonly before: RecordedSettings | null;
}

/** Prints a thread to a terminal. */
export class ThreadTranscript {
  readonly #terminal: Terminal;
  readonly #isFull: boolean;

  constructor(terminal: Terminal, { isFull }: { readonly isFull: boolean }) {
    this.#terminal = terminal;
    this.#isFull = isFull;
  }

  /** Prints the head of the thread. */
  head({ thread, labels }: ThreadExport): void {
    const title = titleOf(thread);
    this.#line(this.#terminal.styled('bold', title));
    this.#dim([thread.id, moment(thread.createdAt * 1000), thread.cwd].join('  '));
    const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
    if (pairs.length > 0) this.#dim(pairs.join('  '));
    if (thread.turns.length === 0) this.#dim('The thread has no turns yet.');
  }

  /** Prints one turn with its items, its changed settings and its usage. */
  turn(turn: RecordedTurn, surroundings: TurnSurroundings): void {
    this.turnHead(turn, surroundings);
    for (const entry of turnEntries(turn, surroundings.details))
      if ('call' in entry) this.#lines(callLines(this.#terminal, entry.call));
      else this.item(entry.item);
    this.ending(turn);
  }

  /** Prints the first line of a turn. */
  turnHead(turn: RecordedTurn, { number, details, before }: TurnSurroundings): void {
    const facts = [
      ...(turn.startedAt === null ? [] : [moment(turn.startedAt * 1000)]),
      ...(turn.durationMs === null ? [] : [duration(turn.durationMs)]),
      ...(details?.usage ? [tokens(details.usage)] : []),
    ];
    this.#line();
    const style =
      turn.status === 'completed' ? 'green' : turn.status === 'failed' ? 'red' : 'yellow';
    this.#line(
      [
        this.#terminal.styled('bold', `Turn ${number}`),
        this.#terminal.styled(style, statusOf(turn)),
        this.#terminal.styled('dim', facts.join('  ')),
      ].join('  '),
    );
    const { settings = null } = details ?? {};
    if (settings !== null && !isDeepStrictEqual(settings, before))
      this.#dim(
        [
          settings.model ?? 'unknown model',
          ...(settings.effort === null ? [] : [`effort ${settings.effort}`]),
          `approvals ${settings.approvalPolicy ?? 'unknown'} (decided by ${settings.approvalsReviewer ?? 'user'})`,
          `sandbox ${settings.sandbox ?? 'unknown'}`,
        ].join('  '),
      );
  }

  /** Prints one item. */
  item(item: RecordedTurn['items'][number]): void {
    this.#lines(itemLines(this.#terminal, item, this.#isFull ? Infinity : 20));
  }

  /** Prints the outcome of the turn, unless it completed. */
  ending(turn: RecordedTurn): void {
    const { error, items } = turn;
    if (error !== null) {
      this.#line();
      this.#line(this.#terminal.styled('red', `The turn failed: ${failureText(error.message)}`));
    } else if (statusOf(turn) === 'unfinished') {
      this.#line();
      const what = `The history does not contain the end of this turn, only ${counted(items.length, 'item')}`;
      this.#dim(`${what}: it is running in another process, or its process was killed.`);
    }
  }

  #lines(lines: readonly string[]): void {
    if (lines.length > 0) this.#line();
    for (const line of lines) this.#line(line);
  }

  #dim(text: string): void {
    this.#line(this.#terminal.styled('dim', text));
  }

  #line(text = ''): void {
    this.#terminal.line(text);
  }
}

function titleOf({ name, preview }: ThreadExport['thread']): string {
  const [line = ''] = (name ?? preview).trim().split('\n');
  return line === '' ? 'Untitled thread' : line;
}
