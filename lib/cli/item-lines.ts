import type { RecordedTurn } from '../index.js';
import { planIn, subjectOf } from '../page/call-view.js';
import { diffRows, sizeOf, type DiffRow, type FileChange } from '../page/side-by-side.js';
import { isRefused, type RecordedCall } from '../page/thread-export.js';
import { bareCommand, counted, cutOff, duration } from '../page/wording.js';
import type { Style, Terminal } from './terminal.js';

type Item = RecordedTurn['items'][number];

/** Formats an item as lines for a terminal, with at most `most` lines of outputs and diffs. */
export function itemLines(terminal: Terminal, item: Item, most: number): readonly string[] {
  switch (item.type) {
    case 'userMessage':
      return item.content
        .flatMap((input) => (input.type === 'text' ? input.text : `(${input.type})`).split('\n'))
        .map((line) => `${terminal.styled('blue', '>')} ${terminal.styled('bold', line)}`);
    case 'agentMessage':
    case 'plan':
      return item.text.split('\n').map((line) => terminal.styled([], line));
    case 'reasoning':
      return [...item.summary, ...(item.summary.length === 0 ? item.content : [])]
        .flatMap((text) => text.split('\n'))
        .map((line) => terminal.styled('dim', `  ${line}`));
    case 'commandExecution': {
      const ending = [
        item.exitCode === null ? item.status : `exit ${item.exitCode}`,
        ...(item.durationMs === null ? [] : [duration(item.durationMs)]),
      ].join(', ');
      const style = item.status === 'failed' || item.status === 'declined' ? 'red' : 'green';
      const [first = '', ...others] = bareCommand(item.command).split('\n');
      const output = (item.aggregatedOutput ?? '').replace(/\n$/, '');
      return [
        `${terminal.styled('cyan', '$')} ${terminal.styled('bold', first)}  ${terminal.styled(style, ending)}`,
        ...others.map((line) => `  ${terminal.styled('bold', line)}`),
        ...(output === '' ? [] : indented(terminal, output.split('\n').map(dim), most)),
      ];
    }
    case 'fileChange':
      return item.changes.flatMap((change) => fileLines(terminal, change, item.status, most));
    case 'mcpToolCall':
      return toolLines(terminal, `${item.server}/${item.tool}`, item, most);
    case 'dynamicToolCall':
      return toolLines(terminal, item.tool, item, most);
    case 'webSearch':
      return [`${terminal.styled('magenta', 'search')} ${terminal.styled([], item.query)}`];
    case 'contextCompaction':
      return [terminal.styled('dim', '(The context of the model was compacted.)')];
    default:
      return [terminal.styled('dim', `(${item.type})`)];
  }
}

/** Formats a call without an item: a plan, a refused command, or a tool that codex-rs runs itself. */
export function callLines(terminal: Terminal, call: RecordedCall): readonly string[] {
  const plan = planIn(call);
  if (plan !== null)
    return [
      `${terminal.styled('magenta', 'plan')} ${terminal.styled([], plan.explanation ?? '')}`.trimEnd(),
      ...plan.steps.map(
        ({ step, status }) => `  ${boxes[status] ?? '[ ]'} ${terminal.styled([], step)}`,
      ),
    ];
  return isRefused(call)
    ? [`${terminal.styled('red', 'refused')} ${terminal.styled('bold', subjectOf(call))}`]
    : [
        `${terminal.styled('magenta', 'call')} ${terminal.styled([], call.name)} ${terminal.styled('dim', call.arguments)}`,
      ];
}

const boxes: Readonly<Record<string, string>> = { completed: '[x]', in_progress: '[>]' };

function fileLines(
  terminal: Terminal,
  change: FileChange,
  status: string,
  most: number,
): readonly string[] {
  const rows = diffRows(change);
  const { added, removed } = sizeOf(rows);
  const sign = { add: 'new file', delete: 'deleted file', update: 'changed file' }[
    change.kind.type
  ];
  const mark = status === 'completed' ? '' : `  ${terminal.styled('red', status)}`;
  const sizes = `${terminal.styled('green', `+${added}`)} ${terminal.styled('red', `-${removed}`)}`;
  return [
    `${terminal.styled('yellow', sign)} ${terminal.styled('bold', change.path)}  ${sizes}${mark}`,
    ...indented(terminal, rows.flatMap(linesOf), most),
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
  const ending = [item.status, ...(item.durationMs === null ? [] : [duration(item.durationMs)])];
  const result = item.type === 'mcpToolCall' ? (item.error ?? item.result) : item.contentItems;
  const style = item.status === 'failed' ? 'red' : 'green';
  return [
    `${terminal.styled('magenta', 'tool')} ${terminal.styled('bold', name)}  ${terminal.styled(style, ending.join(', '))}`,
    ...indented(
      terminal,
      [item.arguments, result]
        .map((value) => JSON.stringify(value))
        .map((line) => dim(most === Infinity ? line : cutOff(line, 300))),
    ),
  ];
}

function dim(text: string): Line {
  return { style: 'dim', text };
}

/** Returns the first lines, indented and styled; the last one then states how many are omitted. */
function indented(terminal: Terminal, lines: readonly Line[], most = Infinity): readonly string[] {
  const left = lines.length - most;
  const shown =
    left > 0 ? [...lines.slice(0, most), dim(`… ${counted(left, 'more line')} (--full)`)] : lines;
  return shown.map(({ style, text }) => terminal.styled(style, `  ${text}`));
}
