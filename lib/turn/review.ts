import { ValidationError, type ValidationProblem } from '../errors.js';
import type { ReviewTarget, ThreadItem } from '../protocol/index.js';
import { isPlainObject } from '../shapes.js';
import { shown } from '../validation.js';
import type { TurnOptions } from './turn-options.js';

/** The subject of a review. @inline */
export type ReviewOf =
  | 'uncommittedChanges'
  | {
      /** The changes against this branch. */
      readonly baseBranch: string;
    }
  | {
      /** The changes of this commit. */
      readonly commit: string;
      /** Its subject, for user interfaces. */
      readonly title?: string;
    }
  | {
      /** The scope and the criteria, in your own words. */
      readonly instructions: string;
    };

/** How a review is run. @inline */
export interface ReviewOptions extends Pick<TurnOptions, 'signal' | 'timeouts' | 'whenBusy'> {
  /**
   * The subject of the review: by default all uncommitted changes.
   *
   * @defaultValue 'uncommittedChanges'
   */
  readonly target?: ReviewOf | undefined;
  /**
   * Where the review runs: as a turn of this thread, or in a new thread with the same options.
   *
   * @defaultValue 'inline'
   */
  readonly delivery?: 'inline' | 'detached' | undefined;
}

/** One finding of a review. @inline */
export interface ReviewFinding {
  /** The finding in one line, without its priority. */
  readonly title: string;
  /** From 0, which is urgent, to 3; null if the reviewer gave none. */
  readonly priority: number | null;
  /** The problem and the suggested fix. */
  readonly body: string;
  /** The file. */
  readonly path: string;
  /** The first line of the range. */
  readonly startLine: number;
  /** The last line of the range. */
  readonly endLine: number;
}

/** The result of a review. @inline */
export interface ReviewReport {
  /** The findings, in the reviewer's order. */
  readonly findings: readonly ReviewFinding[];
  /** The reviewer's overall assessment. The whole text if the answer does not list findings. */
  readonly explanation: string;
}

const headers = ['Review comment:', 'Full review comments:'];
const titleShape = /^- (?:\[[x ]\] )?(?:\[P([0-3])\] )?(.*) — (.+):(\d+)-(\d+)$/;

/**
 * The target in wire format.
 *
 * @throws {@link ValidationError} with every problem of the options
 */
export function reviewTarget({
  target = 'uncommittedChanges',
  delivery = 'inline',
}: Pick<ReviewOptions, 'target' | 'delivery'>): ReviewTarget {
  const problems: ValidationProblem[] = [];
  if (!['inline', 'detached'].includes(delivery))
    problems.push({
      path: 'delivery',
      reason: `must be "inline" or "detached", got ${shown(delivery)}`,
    });
  const wire = wireTarget(target);
  if (wire === null)
    problems.push({
      path: 'target',
      reason: `must be "uncommittedChanges", { baseBranch }, { commit } or { instructions } with a non-blank string, got ${shown(target)}`,
    });
  if (problems.length > 0 || wire === null) throw new ValidationError('review options', problems);
  return wire;
}

function wireTarget(target: unknown): ReviewTarget | null {
  if (target === 'uncommittedChanges') return { type: 'uncommittedChanges' };
  if (!isPlainObject(target)) return null;
  const { baseBranch, commit, instructions, title, ...unknown } = target;
  const given = [baseBranch, commit, instructions].filter((value) => value !== undefined);
  const isWhole = given.length === 1 && Object.keys(unknown).length === 0;
  const hasTitle = title === undefined || (commit !== undefined && isText(title));
  if (!isWhole || !hasTitle) return null;
  if (isText(baseBranch)) return { type: 'baseBranch', branch: baseBranch };
  if (isText(commit)) return { type: 'commit', sha: commit, title: title ?? null };
  return isText(instructions) ? { type: 'custom', instructions } : null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

/** Parses the review in these items: codex-rs writes the reviewer's findings as text. */
export function reportIn(items: readonly ThreadItem[]): ReviewReport {
  const end = items.findLast((item) => item.type === 'exitedReviewMode');
  const lines = (end?.type === 'exitedReviewMode' ? end.review : '').split('\n');
  // The explanation may contain such a line too: the findings come last.
  for (const header of lines.flatMap((line, index) => (headers.includes(line) ? [index] : []))) {
    const findings = findingsIn(lines.slice(header + 1));
    if (findings !== null)
      return Object.freeze({ findings, explanation: lines.slice(0, header).join('\n').trim() });
  }
  return Object.freeze({ findings: Object.freeze([]), explanation: lines.join('\n') });
}

/** The findings in these lines; null if the lines do not list findings. */
function findingsIn(lines: readonly string[]): readonly ReviewFinding[] | null {
  const found: (Omit<ReviewFinding, 'body'> & { readonly body: string[] })[] = [];
  for (const line of lines) {
    const title = titleShape.exec(line);
    const body = found.at(-1)?.body;
    if (title !== null) {
      const [, priority, name = '', path = '', start, end] = title;
      found.push({
        title: name,
        priority: priority === undefined ? null : Number(priority),
        path,
        startLine: Number(start),
        endLine: Number(end),
        body: [],
      });
    } else if (body !== undefined && line.startsWith('  ')) body.push(line.slice(2));
    else if (line !== '') return null;
  }
  if (found.length === 0) return null;
  return Object.freeze(
    found.map(({ body, ...finding }) =>
      Object.freeze({ ...finding, body: body.join('\n').trim() }),
    ),
  );
}
