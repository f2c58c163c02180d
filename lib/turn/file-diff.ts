import { createHash } from 'node:crypto';

/** A file that a turn changed, as codex-rs describes it. */
export interface FileDiff {
  /** The file before the turn, relative to the root of the diff; null if it did not exist. */
  readonly from: string | null;
  /** The file after the turn; null if it was deleted. */
  readonly to: string | null;
  /** The ids of the blobs before and after, as git computes them. */
  readonly blobs: { readonly before: string; readonly after: string };
  readonly hunks: readonly Hunk[];
}

/** A part of a file that changed. */
export interface Hunk {
  /** The first line after the change, from 0. */
  readonly start: number;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** The files of a unified diff in git format. */
export function fileDiffs(diff: string): readonly FileDiff[] {
  return diff
    .split(/^(?=diff --git )/m)
    .flatMap((section) => (section === '' ? [] : [fileDiff(section)]));
}

/** The content before the change; null if the diff does not result in this content. */
export function undone(file: FileDiff, after: Buffer | null): Buffer | null {
  if (after === null && file.to !== null) return null;
  const lines = linesOf(after?.toString('utf8') ?? '');
  const before: string[] = [];
  let at = 0;
  for (const hunk of file.hunks) {
    before.push(...lines.slice(at, hunk.start), ...hunk.before);
    at = hunk.start + hunk.after.length;
  }
  before.push(...lines.slice(at));
  const content = Buffer.from(before.join(''), 'utf8');
  return blobOf(content) === file.blobs.before ? content : null;
}

/** The git blob id of the content; zeros if there is no file. */
export function blobOf(content: Buffer | null): string {
  if (content === null) return '0'.repeat(40);
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

function fileDiff(section: string): FileDiff {
  const lines = section.split('\n');
  const firstHunk = lines.findIndex((line) => line.startsWith('@@ '));
  const head = firstHunk === -1 ? lines : lines.slice(0, firstHunk);
  const [, before = '', after = ''] =
    /^index ([0-9a-f]+)\.\.([0-9a-f]+)/m.exec(head.join('\n')) ?? [];
  return {
    ...namesIn(head, { before, after }),
    blobs: { before, after },
    hunks: firstHunk === -1 ? [] : hunksIn(lines.slice(firstHunk)),
  };
}

function namesIn(
  head: readonly string[],
  { before, after }: FileDiff['blobs'],
): Pick<FileDiff, 'from' | 'to'> {
  const named = (prefix: string): string | undefined =>
    head.find((line) => line.startsWith(prefix))?.slice(prefix.length);
  // An empty file has only the header line, with the same name twice.
  const twice = (head[0] ?? '').slice('diff --git '.length);
  const name = twice.slice(2, (twice.length - 1) / 2);
  return {
    from: isNone(before) ? null : (named('--- a/') ?? name),
    to: isNone(after) ? null : (named('+++ b/') ?? name),
  };
}

function isNone(blob: string): boolean {
  return /^0+$/.test(blob);
}

function hunksIn(lines: readonly string[]): readonly Hunk[] {
  const hunks: { start: number; before: string[]; after: string[] }[] = [];
  let sides: string[][] = [];
  for (const line of lines) {
    const hunk = hunks.at(-1);
    const [, start = '0', count = '1'] = /^@@ -\S+ \+(\d+)(?:,(\d+))? @@/.exec(line) ?? [];
    if (line.startsWith('@@ '))
      hunks.push({ start: Number(start) - (count === '0' ? 0 : 1), before: [], after: [] });
    else if (hunk === undefined) continue;
    else if (line.startsWith('\\'))
      for (const side of sides) side.push((side.pop() ?? '').replace(/\n$/, ''));
    else if (line !== '') {
      sides = [
        ...(line.startsWith('+') ? [] : [hunk.before]),
        ...(line.startsWith('-') ? [] : [hunk.after]),
      ];
      for (const side of sides) side.push(`${line.slice(1)}\n`);
    }
  }
  return hunks;
}

function linesOf(text: string): readonly string[] {
  return text.split(/(?<=\n)/).filter((line) => line !== '');
}
