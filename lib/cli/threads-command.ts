import type { Codex, ThreadMetadata } from '../index.js';
import { cutOff, moment } from '../page/wording.js';
import { Command, countOf, exitCodes, textOf, textsOf, type CommandCall } from './command.js';
import { UsageError } from './usage-error.js';

/** A listed thread, with the text around a match. */
interface Row {
  readonly thread: ThreadMetadata;
  readonly snippet?: string;
}

/** Lists threads: all, those with given labels, or those whose messages contain a text. */
export class ThreadsCommand extends Command {
  readonly name = 'threads';
  readonly summary = 'List threads, the newest first';
  override readonly options = {
    label: {
      type: 'string',
      multiple: true,
      hint: 'NAME=VALUE',
      description: 'only threads with this label; repeat it to require several labels',
    },
    search: { type: 'string', hint: 'TEXT', description: 'only threads that contain this text' },
    archived: { type: 'boolean', description: 'only archived threads' },
    limit: { type: 'string', hint: 'N', description: 'maximum number of threads; default: 50' },
    json: { type: 'boolean', description: 'print one JSON object per line' },
  } as const;

  async run({ terminal, values, signal, connect }: CommandCall): Promise<number> {
    const limit = countOf(values, 'limit') ?? 50;
    const labels = textsOf(values, 'label').map(labelIn);
    await using codex = connect();
    let count = 0;
    for await (const row of rowsOf(codex, {
      labels,
      search: textOf(values, 'search'),
      archived: values.archived === true,
      signal,
    })) {
      signal.throwIfAborted();
      if (count === limit) {
        terminal.note(`More than ${limit} threads: see --limit.`);
        break;
      }
      count += 1;
      if (values.json === true) {
        const { thread, snippet } = row;
        const json = thread.toJSON();
        terminal.line(JSON.stringify(snippet === undefined ? json : { ...json, snippet }));
        continue;
      }
      const { threadId, updatedAt, name, preview } = row.thread;
      const text = lineOf(name ?? preview);
      const when = terminal.styled('dim', moment(updatedAt.getTime()).slice(0, 16));
      terminal.line(`${terminal.styled('cyan', threadId)}  ${when}  ${terminal.styled([], text)}`);
      if (row.snippet !== undefined)
        terminal.line(`  ${terminal.styled('dim', lineOf(row.snippet, 160))}`);
    }
    if (count === 0) terminal.note('No threads found.');
    return exitCodes.done;
  }
}

interface Wanted {
  readonly labels: readonly (readonly [string, string])[];
  readonly search: string | undefined;
  readonly archived: boolean;
  readonly signal: AbortSignal;
}

async function* rowsOf(codex: Codex, wanted: Wanted): AsyncGenerator<Row, void> {
  const { labels, search, archived, signal } = wanted;
  if (search === undefined) {
    const threads =
      labels.length === 0
        ? codex.listThreads({ archived, sort: 'updatedAt' })
        : codex.findThreads(labels, { archived });
    for await (const thread of threads) yield { thread };
    return;
  }
  const ids = labels.length === 0 ? null : new Set<string>();
  if (ids !== null)
    for await (const { threadId } of codex.findThreads(labels, { archived })) ids.add(threadId);
  for await (const { thread, snippet } of codex.searchThreads(search, { archived, signal }))
    if (ids?.has(thread.threadId) ?? true) yield { thread, snippet };
}

function labelIn(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`--label must be NAME=VALUE, got "${text}".`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function lineOf(text: string, most = 90): string {
  return cutOff(text.replace(/\s+/g, ' ').trim(), most);
}
