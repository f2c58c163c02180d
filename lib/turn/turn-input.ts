import { ValidationError, type ValidationProblem } from '../errors.js';
import { absolutePath, isAddress } from '../paths.js';
import type { UserInput } from '../protocol/index.js';
import { shown } from '../validation.js';
import { imageObjection } from './image-format.js';

/** A text. @inline */
export interface TextPart {
  /** Tells the parts apart. */
  readonly type: 'text';
  /** The text, not blank. codex-rs takes 1,048,576 characters over all texts of an input. */
  readonly text: string;
}

/** An image as a `data:` URL. @inline */
export interface ImagePart {
  /** Tells the parts apart. */
  readonly type: 'image';
  /** The `data:` URL: Base64 of a PNG, JPEG, GIF or WebP. codex-rs fetches no image from elsewhere. */
  readonly url: string;
}

/** An image file. The model is told its path as well. @inline */
export interface LocalImagePart {
  /** Tells the parts apart. */
  readonly type: 'localImage' | 'local_image';
  /** The path of a PNG, JPEG, GIF or WebP; a relative one starts at this process's current directory. */
  readonly path: string;
}

/**
 * A skill: the model reads all of its `SKILL.md`, or a mention: something the user points at by name, which codex-rs
 * shows in the history. Of a mentioned file the model sees nothing but what the text says of it.
 *
 * @inline
 */
export interface NamedPart {
  /** Tells the parts apart. */
  readonly type: 'skill' | 'mention';
  /** A skill's own name, or the name of what is mentioned as the user would type it. */
  readonly name: string;
  /**
   * For a skill the path of its `SKILL.md`; it must be one that codex-rs knows in the thread's working directory. For a
   * mention the path of a file, or an address such as `app://mail`.
   */
  readonly path: string;
}

/** One part of what the user says in a turn. */
export type TurnInputItem = TextPart | ImagePart | LocalImagePart | NamedPart;

/**
 * What the user says in a turn: a string, one part or a list of parts, as plain objects or as instances of the small
 * classes. What codex-rs would silently leave out, such as a missing file or an unknown skill, is refused before the
 * turn is sent.
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
 * The wire form of an input, as `turn/start` and `turn/steer` take it.
 *
 * @throws {@link ValidationError} with everything that is wrong with it
 */
export function wireInput(input: TurnInput): UserInput[] {
  const parts: readonly unknown[] =
    typeof input === 'string' ? [{ type: 'text', text: input }] : [input].flat();
  const problems: ValidationProblem[] = [];
  if (parts.length === 0)
    problems.push({ path: '', reason: 'is empty: pass a text or at least one part' });
  const wire = parts.map((part, index) => wirePart(part, `[${index}]`, problems));
  if (wire.length > 0 && wire.every((part) => part?.type === 'mention'))
    problems.push({
      path: '',
      reason: 'has only mentions, of which the model sees nothing: add a text that says what to do',
    });
  if (problems.length > 0) throw new ValidationError('turn input', problems);
  return wire.filter((part) => part !== null);
}

/** What is wrong with a value of a part, or null; a result that is an object replaces the value. */
type Reading = (value: string) => string | { readonly value: string } | null;

// Strings alone are read: the generated type wants text_elements, the server does not, and Python does not send them.
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
        reason: `is unknown: a part of type ${String(type)} has ${Object.keys(form).join(' and ')}`,
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
    return `must be a text that is not blank, got ${shown(value)}`;
  // codex-rs does not understand such a line, and would never answer it.
  if (/\p{Surrogate}/u.test(value))
    return 'has half of a surrogate pair: it was cut in the middle of a character';
  return reading(value) ?? { value };
}

function filePath(path: string): string | { readonly value: string } {
  const read = absolutePath(path);
  return 'problem' in read ? read.problem : { value: read.path };
}

function imageProblem(url: string): string | null {
  const [head, base64 = ''] = url.split(',', 2);
  if (head === undefined || !/^data:/i.test(head))
    return `must be a data: URL, since codex-rs fetches no images: pass the image itself, got ${shown(url)}`;
  if (!/;base64$/i.test(head) || base64.length % 4 !== 0 || !/^[a-z0-9+/]+={0,2}$/i.test(base64))
    return 'must be Base64, with its padding and without spaces, behind data:image/…;base64,';
  return imageObjection(Buffer.from(base64, 'base64'));
}
