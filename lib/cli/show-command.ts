import { exportThread } from '../page/index.js';
import { Command, countOf, exitCodes, type CommandCall } from './command.js';
import { threadIdOf } from './thread-reference.js';
import { ThreadTranscript } from './thread-transcript.js';

/** Prints a thread. */
export class ShowCommand extends Command {
  readonly name = 'show';
  readonly summary = 'Print the transcript of a thread';
  override readonly parameters = ['THREAD'];
  override readonly options = {
    turns: { type: 'string', hint: 'N', description: 'only the last N turns' },
    full: { type: 'boolean', description: 'print long outputs whole' },
    json: {
      type: 'boolean',
      description: 'print all stored data of the thread as one JSON object',
    },
  } as const;
  override readonly remarks = [
    'Secrets are replaced by [redacted]. Reading needs no lock, so the thread may be running.',
  ];

  async run({
    terminal,
    values,
    positionals: [argument = ''],
    connect,
  }: CommandCall): Promise<number> {
    const most = countOf(values, 'turns') ?? Infinity;
    await using codex = connect();
    const exported = await exportThread(codex, await threadIdOf(codex, argument));
    const from = Math.max(0, exported.thread.turns.length - most);
    if (values.json === true) {
      const turns = exported.thread.turns.slice(from);
      const thread = { ...exported.thread, turns };
      terminal.line(JSON.stringify({ ...exported, thread }, null, 2));
      return exitCodes.done;
    }
    const transcript = new ThreadTranscript(terminal, { isFull: values.full === true });
    transcript.head(exported);
    exported.thread.turns.forEach((turn, index) => {
      if (index < from) return;
      const before = exported.thread.turns[index - 1];
      transcript.turn(turn, {
        number: index + 1,
        details: exported.details?.[turn.id] ?? null,
        before:
          index > from && before !== undefined
            ? (exported.details?.[before.id]?.settings ?? null)
            : null,
      });
    });
    return exitCodes.done;
  }
}
