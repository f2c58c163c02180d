import { createHash } from 'node:crypto';
import type { ApprovalReport } from '../approvals/approval-report.js';
import { ThreadMetadata } from '../record/thread-metadata.js';
import { Redactor, type Secret } from '../redaction.js';
import { timers } from '../timers.js';
import { headView } from './head-view.js';
import { Markup, markup } from './markup.js';
import { pageStyle } from './page-style.js';
import type { ThreadExport } from './thread-export.js';
import { statusOf, turnView } from './turn-view.js';
import { cutOff } from './wording.js';

/** Options of {@link renderThread}. @inline */
export interface RenderOptions {
  /** The heading of the page. Defaults to the thread's name, or to the beginning of its first message. */
  readonly title?: string | undefined;
  /**
   * The decisions on approvals, such as the reports of `approval.resolved` events. codex-rs does not record them:
   * without this option, the page shows only the policy and the refused calls.
   */
  readonly approvals?: Iterable<ApprovalReport> | undefined;
  /** Additional secrets to redact. Credentials in a known form are always redacted. */
  readonly secrets?: Iterable<Secret> | undefined;
}

/**
 * Renders a thread as one self-contained HTML page, without network access and without scripts. Texts of the thread
 * cannot become markup, and the page's content security policy allows only its own style.
 *
 * @param history - the result of {@link exportThread}, also after `JSON.parse`; or of
 * `thread.read({ includeTurns: true })`, which has no labels, settings or usage
 * @throws `ValidationError` if `history` is not a thread
 *
 * @example
 * ```ts
 * const metadata = await thread.read({ includeTurns: true });
 * const report = renderThread(metadata, { title: 'The red build' });
 * console.log(report.startsWith('<!doctype html>')); // true
 * ```
 */
export function renderThread(
  history: ThreadExport | ThreadMetadata,
  options: RenderOptions = {},
): string {
  const exported = new Redactor(options.secrets).redactValue(exportOf(history)) as ThreadExport;
  const approvals = options.approvals === undefined ? null : [...options.approvals];
  const { thread, details } = exported;
  const title = options.title ?? titleOf(thread);
  const turns = thread.turns.map((turn, index) => {
    const before = thread.turns[index - 1];
    return turnView({
      number: index + 1,
      turn,
      details: details?.[turn.id] ?? null,
      before: before === undefined ? null : (details?.[before.id]?.settings ?? null),
      approvals: approvals?.filter(({ turnId }) => turnId === turn.id) ?? null,
    });
  });
  const content = markup`<div class="layout">${contentsView(thread.turns)}<main>${headView(title, exported)}${
    turns.length === 0 ? markup`<p class="aside">The thread has no turns yet.</p>` : turns
  }<footer>${`Exported ${exported.exportedAt} by codex-threads.`}</footer></main></div>`;
  return page(title, content).toString();
}

function contentsView(turns: ThreadExport['thread']['turns']): Markup | null {
  if (turns.length < 2) return null;
  return markup`<nav aria-label="Turns"><details open><summary>${turns.length} turns</summary><ol>${turns.map(
    (turn, index) =>
      markup`<li class="${turn.status}"><a href="#turn-${index + 1}"><b>${index + 1}</b> <span>${firstWords(turn)}</span>${turn.status === 'completed' ? null : markup` <i>${statusOf(turn)}</i>`}</a></li>`,
  )}</ol></details></nav>`;
}

function firstWords({ items }: ThreadExport['thread']['turns'][number]): string {
  for (const item of items) {
    if (item.type !== 'userMessage') continue;
    const text = item.content.map((input) => (input.type === 'text' ? input.text : '')).join(' ');
    if (text.trim() !== '') return lineOf(text, 60);
  }
  return items[0]?.type ?? 'no items';
}

function titleOf({ name, preview, id }: ThreadExport['thread']): string {
  return lineOf((name ?? '') || preview, 90) || `Thread ${id}`;
}

function lineOf(text: string, most: number): string {
  return cutOff(text.trim().split('\n')[0] ?? '', most);
}

/** Only the style is allowed, by its digest. */
function page(title: string, content: Markup): Markup {
  const digest = createHash('sha256').update(pageStyle).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${digest}'; img-src data:; base-uri 'none'; form-action 'none'`;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${Markup.trusted(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${Markup.trusted(pageStyle)}</style>
</head>
<body>
${content}
</body>
</html>
`;
}

function exportOf(history: ThreadExport | ThreadMetadata): ThreadExport {
  if ('details' in history)
    return { ...history, thread: ThreadMetadata.fromJSON(history.thread).toJSON() };
  return {
    version: 1,
    exportedAt: new timers.Date().toISOString(),
    thread: ThreadMetadata.fromJSON(history.toJSON()).toJSON(),
    labels: {},
    details: null,
  };
}
