import type { RecordedItem } from '../record/recorded-history.js';
import { markup, type Markup } from './markup.js';
import { kindOf } from './item-kind.js';
import { prose } from './prose.js';
import { diffRows, sizeOf, type DiffRow, type FileChange } from './side-by-side.js';
import { bareCommand, counted, duration, shortened } from './wording.js';

type Item = RecordedItem['item'];
type Of<Type extends Item['type']> = Extract<Item, { readonly type: Type }>;

/** The middle of longer outputs is omitted. */
const mostCharacters = 100_000;
const mostRows = 2000;

/** Renders one item of a turn. Types of a newer codex-rs are shown as JSON. */
export function itemView(item: Item): Markup {
  switch (item.type) {
    case 'userMessage':
      return framed(item, 'User', markup`<div class="prose">${item.content.map(inputView)}</div>`);
    case 'agentMessage':
      return framed(
        item,
        item.phase === 'commentary' ? 'Codex (progress)' : 'Codex',
        prose(item.text),
      );
    case 'plan':
      return framed(item, 'Plan', prose(item.text));
    case 'reasoning':
      return reasoningView(item);
    case 'commandExecution':
      return commandView(item);
    case 'fileChange':
      return filesView(item);
    case 'mcpToolCall':
      return toolView(item, `${item.server} / ${item.tool}`, item.error ?? item.result);
    case 'dynamicToolCall':
      return toolView(item, item.tool, item.contentItems);
    case 'webSearch':
      return folded(item, { label: 'Web search', title: item.query, body: data(item.action) });
    case 'contextCompaction':
      return framed(item, 'Context', markup`<p>The context of the model was compacted.</p>`);
    case 'enteredReviewMode':
    case 'exitedReviewMode':
      return framed(item, 'Review', prose(item.review));
    default:
      return folded(item, { label: item.type, title: '', body: data(item) });
  }
}

/** An image is shown only if the history contains it, because the page loads no resources. */
function inputView(input: Of<'userMessage'>['content'][number]): Markup {
  switch (input.type) {
    case 'text':
      return markup`<p>${input.text}</p>`;
    case 'image':
      return 'url' in input && /^data:image\/(?:png|jpeg|gif|webp);base64,[\w+/=]+$/.test(input.url)
        ? markup`<img alt="Image from the user" src="${input.url}">`
        : markup`<p class="aside">This image is not stored in the thread.</p>`;
    case 'localImage':
      return markup`<p class="aside">Image <code>${input.path}</code></p>`;
    default:
      return data(input);
  }
}

function reasoningView(item: Of<'reasoning'>): Markup {
  const texts = item.summary.length > 0 ? item.summary : item.content;
  const text = texts.join('\n\n');
  const [, title = ''] = /^\*\*([^*\n]+)\*\*/.exec(text) ?? [];
  return text.trim() === ''
    ? framed(item, 'Reasoning', markup`<p class="aside">No summary recorded.</p>`)
    : folded(item, { label: 'Reasoning', title, body: prose(text) });
}

function commandView(item: Of<'commandExecution'>): Markup {
  const { exitCode, status, aggregatedOutput, durationMs } = item;
  const command = bareCommand(item.command);
  const isBad = status === 'failed' || status === 'declined';
  const ending = exitCode === null ? status : `exit ${exitCode}`;
  const output =
    aggregatedOutput === null || aggregatedOutput === ''
      ? markup`<p class="aside">No output.</p>`
      : markup`<pre class="output">${shortened(aggregatedOutput, mostCharacters)}</pre>`;
  return folded(item, {
    label: 'Command',
    title: markup`<code>${command}</code>`,
    mark: markup`<span class="badge ${isBad ? 'bad' : 'good'}">${ending}</span>`,
    time: durationMs,
    isOpen: isBad,
    body: markup`<p class="aside">in <code>${item.cwd}</code></p>${output}`,
  });
}

function filesView(item: Of<'fileChange'>): Markup {
  const isBad = item.status === 'failed' || item.status === 'declined';
  return folded(item, {
    label: 'Changes',
    title: counted(item.changes.length, 'file'),
    mark: markup`<span class="badge ${isBad ? 'bad' : 'good'}">${item.status}</span>`,
    isOpen: true,
    body: markup`${item.changes.map(fileView)}`,
  });
}

function fileView(change: FileChange): Markup {
  const { path, kind } = change;
  const rows = diffRows(change);
  const { added, removed } = sizeOf(rows);
  const target = kind.type === 'update' && kind.move_path !== null ? ` → ${kind.move_path}` : '';
  const more = rows.length - mostRows;
  return markup`<div class="patch"><p class="path"><code>${path}${target}</code> <span class="plus">+${added}</span> <span class="minus">−${removed}</span>${kind.type === 'update' ? null : markup` <span class="badge">${kind.type === 'add' ? 'new' : 'deleted'}</span>`}</p><div class="scroll"><table class="diff"><colgroup><col class="no"><col><col class="no"><col></colgroup><tbody>${rows.slice(0, mostRows).map(rowView)}</tbody></table></div>${more > 0 ? markup`<p class="aside">${counted(more, 'row')} omitted.</p>` : null}</div>`;
}

function rowView({ kind, before, after }: DiffRow): Markup {
  if (kind === 'hunk' || kind === 'note')
    return markup`<tr class="${kind}"><td colspan="4">${before?.text ?? ''}</td></tr>`;
  return markup`<tr class="${kind}"><td class="no">${before?.number ?? ''}</td><td class="old">${before?.text ?? ''}</td><td class="no">${after?.number ?? ''}</td><td class="new">${after?.text ?? ''}</td></tr>`;
}

function toolView(
  item: Of<'mcpToolCall'> | Of<'dynamicToolCall'>,
  title: string,
  result: unknown,
): Markup {
  const isBad = item.status === 'failed';
  return folded(item, {
    label: 'Tool',
    title: markup`<code>${title}</code>`,
    mark: markup`<span class="badge ${isBad ? 'bad' : 'good'}">${item.status}</span>`,
    time: item.durationMs,
    isOpen: isBad,
    body: markup`<p class="aside">Arguments</p>${data(item.arguments)}<p class="aside">Result</p>${data(result)}`,
  });
}

/** Renders a JSON value. */
export function data(value: unknown): Markup {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return markup`<pre class="output">${shortened(text, mostCharacters)}</pre>`;
}

function framed(item: Item, label: string, body: Markup): Markup {
  return markup`<article class="item ${kindOf(item)} ${item.type}"><header><span class="label">${label}</span></header>${body}</article>`;
}

interface Fold {
  readonly label: string;
  readonly title: string | Markup;
  readonly mark?: Markup;
  readonly time?: number | null;
  readonly isOpen?: boolean;
  readonly body: Markup;
}

function folded(item: Item, fold: Fold): Markup {
  return markup`<article class="item ${kindOf(item)} ${item.type}">${foldView(fold)}</article>`;
}

/** Renders a collapsible part of the page. */
export function foldView({ label, title, mark, time = null, isOpen = false, body }: Fold): Markup {
  return markup`<details${isOpen ? markup` open` : null}><summary><span class="label">${label}</span><span class="title">${title}</span>${mark ?? null}${time === null ? null : markup`<span class="took">${duration(time)}</span>`}</summary>${body}</details>`;
}
