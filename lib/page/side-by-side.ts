import type { RecordedItem } from '../record/recorded-history.js';

/** One file of a patch, as in the protocol. */
export type FileChange = Extract<
  RecordedItem['item'],
  { readonly type: 'fileChange' }
>['changes'][number];

/** One row of a diff: a line of the file before, a line of the file after, or the heading of a hunk. */
export interface DiffRow {
  readonly kind: 'same' | 'changed' | 'removed' | 'added' | 'hunk' | 'note';
  readonly before: DiffLine | null;
  readonly after: DiffLine | null;
}

/** A line with its number. */
export interface DiffLine {
  readonly number: number | null;
  readonly text: string;
}

/** Returns the rows of a change. codex-rs describes an update by hunks, and a new or deleted file by its content. */
export function diffRows({ kind, diff }: FileChange): readonly DiffRow[] {
  const lines = diff.replace(/\n$/, '').split('\n');
  if (/^@@ /m.test(diff)) return hunkRows(lines);
  return kind.type === 'delete'
    ? lines.map((text, index) => removed({ number: index + 1, text }))
    : lines.map((text, index) => added({ number: index + 1, text }));
}

/** Counts the lines that a change adds and removes. */
export function sizeOf(rows: readonly DiffRow[]): {
  readonly added: number;
  readonly removed: number;
} {
  return {
    added: rows.filter(({ kind }) => kind === 'added' || kind === 'changed').length,
    removed: rows.filter(({ kind }) => kind === 'removed' || kind === 'changed').length,
  };
}

function hunkRows(lines: readonly string[]): readonly DiffRow[] {
  const rows: DiffRow[] = [];
  let at = { before: 1, after: 1 };
  let old: DiffLine[] = [];
  let young: DiffLine[] = [];
  const flush = (): void => {
    rows.push(...paired(old, young));
    [old, young] = [[], []];
  };
  for (const line of lines) {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line);
    if (hunk !== null) {
      flush();
      at = { before: Number(hunk[1]), after: Number(hunk[2]) };
      rows.push(single('hunk', line));
    } else if (line.startsWith('-')) {
      if (young.length > 0) flush();
      old.push({ number: at.before++, text: line.slice(1) });
    } else if (line.startsWith('+')) young.push({ number: at.after++, text: line.slice(1) });
    else {
      flush();
      rows.push(
        line.startsWith('\\')
          ? single('note', line)
          : {
              kind: 'same',
              before: { number: at.before++, text: line.slice(1) },
              after: { number: at.after++, text: line.slice(1) },
            },
      );
    }
  }
  flush();
  return rows;
}

/** Pairs removed lines with the lines that replace them. */
function paired(old: readonly DiffLine[], young: readonly DiffLine[]): readonly DiffRow[] {
  return Array.from({ length: Math.max(old.length, young.length) }, (_, index): DiffRow => {
    const before = old[index];
    const after = young[index];
    if (before !== undefined && after !== undefined) return { kind: 'changed', before, after };
    return before === undefined ? added(after ?? { number: null, text: '' }) : removed(before);
  });
}

function added(after: DiffLine): DiffRow {
  return { kind: 'added', before: null, after };
}

function removed(before: DiffLine): DiffRow {
  return { kind: 'removed', before, after: null };
}

function single(kind: 'hunk' | 'note', text: string): DiffRow {
  return { kind, before: { number: null, text }, after: null };
}
