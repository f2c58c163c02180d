import { ValidationError, type ValidationProblem } from '../errors.js';
import { absolutePath, isAddress } from '../paths.js';
import type { UserInput } from '../protocol/index.js';
import { shown } from '../validation.js';
import { imageObjection } from './image-format.js';

/** A text. @inline */
export interface TextPart {
  /** Discriminator. */
  readonly type: 'text';
  /** The text, not blank. codex-rs accepts 1,048,576 characters over all texts of an input. */
  readonly text: string;
}

/** An image as a `data:` URL. @inline */
export interface ImagePart {
  /** Discriminator. */
  readonly type: 'image';
  /** The `data:` URL: Base64 of a PNG, JPEG, GIF or WebP. codex-rs does not download images. */
  readonly url: string;
}

/** An image file. The model sees its path too. @inline */
export interface LocalImagePart {
  /** Discriminator. */
  readonly type: 'localImage' | 'local_image';
  /** The path of a PNG, JPEG, GIF or WebP; a relative one starts at this process's current directory. */
  readonly path: string;
}

/**
 * A skill, whose whole `SKILL.md` the model reads; or a mention, a file or app referenced by name, which codex-rs shows in
 * the history. The model does not see the content of a mentioned file, only the text around it.
 *
 * @inline
 */
export interface NamedPart {
  /** Discriminator. */
  readonly type: 'skill' | 'mention';
  /** The skill's own name, or the mentioned name as the user would type it. */
  readonly name: string;
  /**
   * For a skill the path of its `SKILL.md`; codex-rs must know the skill in the thread's working directory. For a mention
   * the path of a file, or an address such as `app://mail`.
   */
  readonly path: string;
}

/** One part of a turn's input. */
export type TurnInputItem = TextPart | ImagePart | LocalImagePart | NamedPart;

/**
 * The input of a turn: a string, one part or a list of parts, as plain objects or as instances of the input classes. Input
 * that codex-rs would silently drop, such as a missing file or an unknown skill, is rejected before the turn is sent.
 *
 * @example
 * ```ts
 * const { finalResponse } = await thread.run([
 *   new TextInput('What is wrong on these screens, and where in @panel.tsx?'),
 *   new LocalImageInput(screenshot),
 *   ImageInput.fromBytes(clipboard),
 *   new MentionInput('panel.tsx', panel),
 *   new SkillInput('review', skill),
 * ]);
 * console.log(finalResponse); // A test fails.
 * ```
 */
export type TurnInput = string | TurnInputItem | readonly TurnInputItem[];

/**
 * An input in wire format, for `turn/start` and `turn/steer`.
 *
 * @throws {@link ValidationError} with every problem
 */
export function wireInput(input: TurnInput): UserInput[] {
  const parts: readonly unknown[] =
    typeof input === 'string' ? [{ type: 'text', text: input }] : [input].flat();
  const problems: ValidationProblem[] = [];
  if (parts.length === 0)
    problems.push({ path: '', reason: 'is empty: pass a string or at least one part' });
  const wire = parts.map((part, index) => wirePart(part, `[${index}]`, problems));
  if (wire.length > 0 && wire.every((part) => part?.type === 'mention'))
    problems.push({
      path: '',
      reason:
        'contains only mentions, which codex-rs does not send to the model: add a text with the task',
    });
  if (problems.length > 0) throw new ValidationError('turn input', problems);
  return wire.filter((part) => part !== null);
}

/** The problem of a part's value, or null; an object result replaces the value. */
type Reading = (value: string) => string | { readonly value: string } | null;

// Only strings are read: the generated type requires text_elements, the server does not, and Python does not send them.
const forms: Readonly<Record<string, Readonly<Record<string, Reading>>>> = {
  text: { text: () => null },
  image: { url: imageProblem },
  localImage: { path: filePath },
  skill: { name: () => null, path: filePath },
  mention: { name: () => null, path: (value) => (isAddress(value) ? null : filePath(value)) },
};

function wirePart(part: unknown, path: string, problems: ValidationProblem[]): UserInput | null {
  const given = typeof part === 'object' && part !== null ? Object.entries(part) : [];
  const { type: named, ...values } = Object.fromEntries(given) as Record<string, unknown>;
  const type = named === 'local_image' ? 'localImage' : named;
  const form = typeof type === 'string' && Object.hasOwn(forms, type) ? forms[type] : undefined;
  if (form === undefined) {
    const got = given.length === 0 ? shown(part) : `type ${shown(named)}`;
    const reason = `must be a part of type text, image, localImage, skill or mention, got ${got}`;
    problems.push({ path, reason });
    return null;
  }
  for (const [name, value] of Object.entries(values))
    if (!Object.hasOwn(form, name) && value !== undefined)
      problems.push({
        path: `${path}.${name}`,
        reason: `is not a known property: a part of type ${String(type)} has ${Object.keys(form).join(' and ')}`,
      });
  const read = Object.entries(form).map(([name, reading]) => {
    const answer = readingOf(values[name], reading);
    if (typeof answer === 'string') problems.push({ path: `${path}.${name}`, reason: answer });
    return [name, typeof answer === 'string' ? '' : answer.value];
  });
  return { type, ...Object.fromEntries(read) } as UserInput;
}

function readingOf(value: unknown, reading: Reading): string | { readonly value: string } {
  if (typeof value !== 'string' || value.trim() === '')
    return `must be a non-blank string, got ${shown(value)}`;
  // codex-rs cannot parse such a line and would never answer it.
  if (/\p{Surrogate}/u.test(value))
    return 'contains an unpaired surrogate: the string was probably truncated in the middle of a character';
  return reading(value) ?? { value };
}

function filePath(path: string): string | { readonly value: string } {
  const read = absolutePath(path);
  return 'problem' in read ? read.problem : { value: read.path };
}

function imageProblem(url: string): string | null {
  const [head, base64 = ''] = url.split(',', 2);
  if (head === undefined || !/^data:/i.test(head))
    return `must be a data: URL, because codex-rs does not download images, got ${shown(url)}`;
  if (!/;base64$/i.test(head) || base64.length % 4 !== 0 || !/^[a-z0-9+/]+={0,2}$/i.test(base64))
    return 'must be data:image/…;base64, followed by Base64 with padding and without spaces';
  return imageObjection(Buffer.from(base64, 'base64'));
}
