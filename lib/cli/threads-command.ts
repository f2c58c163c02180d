import type { Codex, Labels, ThreadMetadata } from '../index.js';
import { ThreadAttachments } from '../loaded/thread-attachments.js';
import { requesterOf } from '../page/requester-of.js';
import { cutOff, moment } from '../page/wording.js';
import { Command, countOf, exitCodes, textOf, textsOf, type CommandCall } from './command.js';
import type { Terminal } from './terminal.js';
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

  override readonly remarks = [
    'Only a running app-server (--server) reports whether a thread is idle or active.',
  ];

  async run({ terminal, values, signal, connect }: CommandCall): Promise<number> {
    const limit = countOf(values, 'limit') ?? 50;
    const wanted = textsOf(values, 'label').map(labelIn);
    await using codex = connect();
    const server = await requesterOf(codex);
    let count = 0;
    for await (const row of rowsOf(codex, {
      labels: wanted,
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
      const labels = await new ThreadAttachments(server, row.thread.threadId).labels();
      if (values.json === true) terminal.line(JSON.stringify(jsonOf(row, labels)));
      else print(terminal, row, labels);
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
        : await labelled(codex, wanted);
    for await (const thread of threads) yield { thread };
    return;
  }
  const ids = labels.length === 0 ? null : new Set<string>();
  if (ids !== null)
    for await (const { threadId } of codex.findThreads(labels, { archived })) ids.add(threadId);
  for await (const { thread, snippet } of codex.searchThreads(search, { archived, signal }))
    if (ids?.has(thread.threadId) ?? true) yield { thread, snippet };
}

/** The threads with these labels. `findThreads` does not sort them; `updatedAt` counts in seconds, ids in milliseconds. */
async function labelled(
  codex: Codex,
  { labels, archived }: Wanted,
): Promise<readonly ThreadMetadata[]> {
  const threads: ThreadMetadata[] = [];
  for await (const thread of codex.findThreads(labels, { archived })) threads.push(thread);
  return threads.sort(
    (a, b) => b.updatedAt.getTime() - a.updatedAt.getTime() || b.threadId.localeCompare(a.threadId),
  );
}

function jsonOf({ thread, snippet }: Row, labels: Labels): object {
  return { ...thread.toJSON(), labels, ...(snippet === undefined ? {} : { snippet }) };
}

function print(terminal: Terminal, { thread, snippet }: Row, labels: Labels): void {
  const { threadId, updatedAt, name, preview } = thread;
  const when = moment(updatedAt.getTime()).slice(0, 16);
  const room = terminal.columns - `${threadId}  ${when}  `.length;
  const title = lineOf(name ?? preview, Math.min(90, Math.max(20, room)));
  terminal.line(
    `${terminal.styled('cyan', threadId)}  ${terminal.styled('dim', when)}  ${terminal.styled([], title)}`,
  );
  const details = [...statusOf(thread), ...[...labels].map((label) => lineOf(label.join('=')))];
  if (details.length > 0) terminal.line(`  ${terminal.styled('dim', details.join('  '))}`);
  if (snippet !== undefined) terminal.line(`  ${terminal.styled('dim', lineOf(snippet, 160))}`);
}

/** The app-server of this command has not loaded any thread, so `notLoaded` is not worth showing. */
function statusOf(thread: ThreadMetadata): readonly string[] {
  const { status } = thread.toJSON();
  if (status.type === 'notLoaded') return [];
  const flags = status.type === 'active' ? status.activeFlags : [];
  return [[status.type, ...flags].join(', ')];
}

function labelIn(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`--label must be NAME=VALUE, got "${text}".`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function lineOf(text: string, most = Infinity): string {
  return cutOff(text.replace(/\s+/g, ' ').trim(), most);
}
