import type { RecordedTurn } from '../index.js';
import { lastTurns } from '../page/last-turns.js';
import { statusOf } from '../page/turn-view.js';
import { pause } from '../pause.js';
import { Command, exitCodes, type CommandCall } from './command.js';
import type { Terminal } from './terminal.js';
import { threadIdOf } from './thread-reference.js';
import { ThreadTranscript } from './thread-transcript.js';

/** The interval between reads of the history, in milliseconds. */
const intervalMs = 500;

/**
 * Follows a thread by its history, which codex-rs writes item by item. It neither loads the thread nor attaches to it:
 * the process that runs the thread keeps the lock and receives the approval requests.
 */
export class TailCommand extends Command {
  readonly name = 'tail';
  readonly summary = 'Follow the running turn of a thread';
  override readonly parameters = ['THREAD'];
  override readonly options = {
    follow: { type: 'boolean', short: 'f', description: 'wait for later turns after its end' },
    json: { type: 'boolean', description: 'print each item as one JSON object per line' },
  } as const;
  override readonly remarks = [
    'Items appear when they are complete, up to half a second later. Neither the thread’s lock nor its',
    'approvals are affected. The history does not distinguish a turn that runs in another process from one',
    'whose process was killed: tail waits for both, until Ctrl-C. The exit code is 1 if the turn did not complete.',
  ];

  async run(call: CommandCall): Promise<number> {
    const { terminal, values, positionals, signal, connect } = call;
    await using codex = connect();
    const threadId = await threadIdOf(codex, positionals[0] ?? '');
    const tail = new Tail(terminal, { isJson: values.json === true });
    for (;;) {
      const turns = await lastTurns(codex, threadId, 5);
      const last = tail.accept(turns);
      const isOver = last === null ? turns.length === 0 : isFinished(last);
      if (isOver && values.follow !== true) {
        if (last === null) terminal.note('The thread has no turns yet.');
        return last?.status === 'completed' ? exitCodes.done : exitCodes.failed;
      }
      await pause(intervalMs, signal);
    }
  }
}

/** Prints new turns and items. */
class Tail {
  readonly #terminal: Terminal;
  readonly #transcript: ThreadTranscript;
  readonly #isJson: boolean;
  readonly #printed = new Set<string>();
  readonly #ended = new Set<string>();
  #isWaiting = false;

  constructor(terminal: Terminal, { isJson }: { readonly isJson: boolean }) {
    this.#terminal = terminal;
    this.#transcript = new ThreadTranscript(terminal, { isFull: false });
    this.#isJson = isJson;
  }

  /** Accepts the last turns, the newest last, and returns the newest one. */
  accept(turns: readonly RecordedTurn[]): RecordedTurn | null {
    const known = turns.findIndex(({ id }) => this.#printed.has(id));
    // Initially, only the newest turn.
    for (const turn of turns.slice(known === -1 ? -1 : known)) this.#print(turn);
    return turns.at(-1) ?? null;
  }

  #print(turn: RecordedTurn): void {
    if (this.#ended.has(turn.id)) return;
    const isOver = isFinished(turn);
    if (!this.#printed.has(turn.id) && !this.#isJson) {
      this.#terminal.line(this.#terminal.styled('dim', `Turn ${turn.id}`));
    }
    this.#printed.add(turn.id);
    turn.items.forEach((item, index) => {
      const isComplete =
        isOver || index < turn.items.length - 1 || typeof item.completedAtMs === 'number';
      const key = `${turn.id} ${item.id}`;
      if (!isComplete || this.#printed.has(key)) return;
      this.#printed.add(key);
      if (this.#isJson) this.#terminal.line(JSON.stringify({ turnId: turn.id, item }));
      else this.#transcript.item(item);
    });
    if (isOver) this.#end(turn);
    else if (!this.#isWaiting) {
      this.#isWaiting = true;
      this.#terminal.note('Waiting for the turn to continue. Stop with Ctrl-C.');
    }
  }

  #end(turn: RecordedTurn): void {
    this.#ended.add(turn.id);
    this.#isWaiting = false;
    if (!this.#isJson) this.#transcript.ending(turn);
    this.#terminal.note(`The turn ended: ${statusOf(turn)}.`);
  }
}

/** Whether the history contains the end of the turn. */
function isFinished({ status, completedAt }: RecordedTurn): boolean {
  return status !== 'inProgress' && completedAt !== null;
}
