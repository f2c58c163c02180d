import type { RecordedTurn } from '../index.js';
import { planIn, subjectOf } from '../page/call-view.js';
import { diffRows, sizeOf, type DiffRow, type FileChange } from '../page/side-by-side.js';
import { isRefused, type RecordedCall } from '../page/thread-export.js';
import { bareCommand, counted, duration } from '../page/wording.js';
import type { Style, Terminal } from './terminal.js';

type Item = RecordedTurn['items'][number];

/** Formats an item as lines for a terminal, with at most `most` lines of outputs and diffs. */
export function itemLines(terminal: Terminal, item: Item, most: number): readonly string[] {
  const { styled } = bound(terminal);
  switch (item.type) {
    case 'userMessage':
      return item.content
        .flatMap((input) => (input.type === 'text' ? input.text : `(${input.type})`).split('\n'))
        .map((line) => `${styled('blue', '>')} ${styled('bold', line)}`);
    case 'agentMessage':
    case 'plan':
      return item.text.split('\n').map((line) => styled([], line));
    case 'reasoning':
      return [...item.summary, ...(item.summary.length === 0 ? item.content : [])]
        .flatMap((text) => text.split('\n'))
        .map((line) => styled('dim', `  ${line}`));
    case 'commandExecution': {
      const ending = [
        item.exitCode === null ? item.status : `exit ${item.exitCode}`,
        ...(item.durationMs === null ? [] : [duration(item.durationMs)]),
      ].join(', ');
      const style = item.status === 'failed' || item.status === 'declined' ? 'red' : 'green';
      const [first = '', ...others] = bareCommand(item.command).split('\n');
      const output = (item.aggregatedOutput ?? '').replace(/\n$/, '');
      return [
        `${styled('cyan', '$')} ${styled('bold', first)}  ${styled(style, ending)}`,
        ...others.map((line) => `  ${styled('bold', line)}`),
        ...(output === ''
          ? []
          : cut(output.split('\n'), most).map((line) => styled('dim', `  ${line}`))),
      ];
    }
    case 'fileChange':
      return item.changes.flatMap((change) => fileLines(terminal, change, item.status, most));
    case 'mcpToolCall':
      return toolLines(terminal, `${item.server}/${item.tool}`, item, most);
    case 'dynamicToolCall':
      return toolLines(terminal, item.tool, item, most);
    case 'webSearch':
      return [`${styled('magenta', 'search')} ${styled([], item.query)}`];
    case 'contextCompaction':
      return [styled('dim', '(The model’s view of the thread was made shorter.)')];
    default:
      return [styled('dim', `(${item.type})`)];
  }
}

/** Formats a call without an item: a plan, a refused command, or a tool that codex-rs runs itself. */
export function callLines(terminal: Terminal, call: RecordedCall): readonly string[] {
  const { styled } = bound(terminal);
  const plan = planIn(call);
  if (plan !== null)
    return [
      `${styled('magenta', 'plan')} ${styled([], plan.explanation ?? '')}`.trimEnd(),
      ...plan.steps.map(({ step, status }) => `  ${boxes[status] ?? '[ ]'} ${styled([], step)}`),
    ];
  return isRefused(call)
    ? [`${styled('red', 'refused')} ${styled('bold', subjectOf(call))}`]
    : [
        `${styled('magenta', 'call')} ${styled([], call.name)} ${styled('dim', cut([call.arguments], 1).join(''))}`,
      ];
}

const boxes: Readonly<Record<string, string>> = { completed: '[x]', in_progress: '[>]' };

function fileLines(
  terminal: Terminal,
  change: FileChange,
  status: string,
  most: number,
): readonly string[] {
  const { styled } = bound(terminal);
  const rows = diffRows(change);
  const { added, removed } = sizeOf(rows);
  const sign = { add: 'new file', delete: 'deleted file', update: 'changed file' }[
    change.kind.type
  ];
  const mark = status === 'completed' ? '' : `  ${styled('red', status)}`;
  const sizes = `${styled('green', `+${added}`)} ${styled('red', `-${removed}`)}`;
  return [
    `${styled('yellow', sign)} ${styled('bold', change.path)}  ${sizes}${mark}`,
    ...cut(rows.flatMap(linesOf), most, ({ count }) => ({
      style: 'dim' as const,
      text: leftOut(count),
    })).map(({ style, text }) => styled(style, `  ${text}`)),
  ];
}

interface Line {
  readonly style: Style | readonly Style[];
  readonly text: string;
}

function linesOf({ kind, before, after }: DiffRow): readonly Line[] {
  if (kind === 'hunk' || kind === 'note') return [{ style: 'cyan', text: before?.text ?? '' }];
  if (kind === 'same') return [{ style: [], text: ` ${before?.text ?? ''}` }];
  return [
    ...(before === null ? [] : [{ style: 'red' as const, text: `-${before.text}` }]),
    ...(after === null ? [] : [{ style: 'green' as const, text: `+${after.text}` }]),
  ];
}

function toolLines(
  terminal: Terminal,
  name: string,
  item: Extract<Item, { readonly type: 'mcpToolCall' | 'dynamicToolCall' }>,
  most: number,
): readonly string[] {
  const { styled } = bound(terminal);
  const ending = [item.status, ...(item.durationMs === null ? [] : [duration(item.durationMs)])];
  const result = item.type === 'mcpToolCall' ? (item.error ?? item.result) : item.contentItems;
  const style = item.status === 'failed' ? 'red' : 'green';
  return [
    `${styled('magenta', 'tool')} ${styled('bold', name)}  ${styled(style, ending.join(', '))}`,
    ...cut([JSON.stringify(item.arguments), JSON.stringify(result)], most).map((line) =>
      styled('dim', `  ${shortened(line, most)}`),
    ),
  ];
}

function shortened(line: string, most: number): string {
  return most === Infinity || line.length <= 300 ? line : `${line.slice(0, 299)}…`;
}

/** Returns the first lines, and the number of omitted lines. */
function cut<T = string>(
  lines: readonly T[],
  most: number,
  rest: (more: { readonly count: number }) => T = ({ count }) => leftOut(count) as T,
): readonly T[] {
  return lines.length <= most
    ? lines
    : [...lines.slice(0, most), rest({ count: lines.length - most })];
}

function leftOut(count: number): string {
  return `… ${counted(count, 'more line')} (--full)`;
}

function bound(terminal: Terminal): { readonly styled: Terminal['styled'] } {
  return { styled: (style, text) => terminal.styled(style, text) };
}
