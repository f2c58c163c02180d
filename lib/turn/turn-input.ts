import { ValidationError, type ValidationProblem } from '../errors.js';
import type { UserInput } from '../protocol/index.js';

/** A text. */
export interface TextPart {
  /** Tells the parts apart. */
  readonly type: 'text';
  /** The text. */
  readonly text: string;
}

/** An image as a `data:` URL. */
export interface ImagePart {
  /** Tells the parts apart. */
  readonly type: 'image';
  /** The `data:` URL. */
  readonly url: string;
}

/** An image file. */
export interface LocalImagePart {
  /** Tells the parts apart. */
  readonly type: 'localImage';
  /** The path of the file. */
  readonly path: string;
}

/** A skill, or something the user points at by name. */
export interface NamedPart {
  /** Tells the parts apart. */
  readonly type: 'skill' | 'mention';
  /** The name as the user would type it. */
  readonly name: string;
  /** The path it stands for. */
  readonly path: string;
}

/** One part of what the user says in a turn. */
export type TurnInputItem = TextPart | ImagePart | LocalImagePart | NamedPart;

/** What the user says in a turn: a string, one part or a list of parts. */
export type TurnInput = string | TurnInputItem | readonly TurnInputItem[];

/**
 * The wire form of an input, as `turn/start` and `turn/steer` take it.
 *
 * @throws {@link ValidationError} for an empty input or an unknown part
 */
export function wireInput(input: TurnInput): UserInput[] {
  const parts =
    typeof input === 'string' ? [{ type: 'text' as const, text: input }] : [input].flat();
  const problems: ValidationProblem[] = [];
  if (parts.length === 0)
    problems.push({ path: '', reason: 'is empty: pass a text or at least one part' });
  const wire = parts.map((part, index) => wirePart(part, `[${index}]`, problems));
  if (problems.length > 0) throw new ValidationError('The input of a turn', problems);
  return wire;
}

function wirePart(part: TurnInputItem, path: string, problems: ValidationProblem[]): UserInput {
  const need = (field: string, value: unknown): string => {
    if (typeof value === 'string' && value.trim() !== '') return value;
    problems.push({
      path: `${path}.${field}`,
      reason: `must be a text that is not blank, got ${typeof value}`,
    });
    return '';
  };
  switch (part.type) {
    case 'text':
      // The generated type wants text_elements; the server does not, and Python does not send them either.
      return { type: 'text', text: need('text', part.text) } as UserInput;
    case 'image':
      return { type: 'image', url: need('url', part.url) };
    case 'localImage':
      return { type: 'localImage', path: need('path', part.path) };
    case 'skill':
    case 'mention':
      return { type: part.type, name: need('name', part.name), path: need('path', part.path) };
    default:
      problems.push({
        path,
        reason: `must be a part of type text, image, localImage, skill or mention, got ${JSON.stringify(part)}`,
      });
      return part;
  }
}
