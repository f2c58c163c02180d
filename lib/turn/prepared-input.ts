import { open, readFile, realpath, stat } from 'node:fs/promises';
import { normalize } from 'node:path';
import { ValidationError, type ValidationProblem } from '../errors.js';
import { isAddress } from '../paths.js';
import type { ServerOwnership } from '../transport/app-server-transport.js';
import type { SkillsListEntry, UserInput } from '../protocol/index.js';
import { messageOf } from '../shapes.js';
import { shown } from '../validation.js';
import { imageFormat, imageObjection } from './image-format.js';

/** The skills of the thread's working directory, as returned by `skills/list`. */
export type KnownSkills = readonly Pick<SkillsListEntry, 'skills' | 'errors'>[];

/**
 * The input as sent; for an independent server, images are sent as data. Rejects input that codex-rs would accept and
 * silently drop: a file that is missing or is not an image, or an unknown skill.
 *
 * @throws {@link ValidationError} with every problem
 */
export async function preparedInput(
  input: readonly UserInput[],
  { skills, ownership }: InputPlace,
): Promise<UserInput[]> {
  const known = input.some(({ type }) => type === 'skill') ? await skills() : [];
  const isHere = (part: UserInput): boolean => ownership === 'own' || part.type !== 'mention';
  const prepared = await Promise.all(
    input.map(async (part) => (isHere(part) ? preparedPart(part, known) : { part, problems: [] })),
  );
  const problems = prepared.flatMap((part, index) =>
    part.problems.map(({ path, reason }) => ({ path: `[${index}].${path}`, reason })),
  );
  if (problems.length > 0) throw new ValidationError('turn input', problems);
  const parts = prepared.map(({ part }) => part);
  return ownership === 'own' ? parts : Promise.all(parts.map(asData));
}

/** The recipient of an input. */
export interface InputPlace {
  /** Requested once, and only if the input has a skill. */
  readonly skills: () => Promise<KnownSkills>;
  /** An independent server does not share the files of this process. */
  readonly ownership: ServerOwnership;
}

/** The image itself in place of its path. */
async function asData(part: UserInput): Promise<UserInput> {
  if (part.type !== 'localImage') return part;
  const { path, ...rest } = part;
  const bytes = await readFile(path);
  const url = `data:image/${imageFormat(bytes) ?? 'png'};base64,${bytes.toString('base64')}`;
  return { ...rest, type: 'image', url };
}

interface PreparedPart {
  readonly part: UserInput;
  readonly problems: readonly ValidationProblem[];
}

async function preparedPart(part: UserInput, known: KnownSkills): Promise<PreparedPart> {
  if (part.type === 'skill') return preparedSkill(part, known);
  const reason = await objectionTo(part);
  return { part, problems: reason === null ? [] : [{ path: 'path', reason }] };
}

async function objectionTo(part: UserInput): Promise<string | null> {
  if (part.type === 'localImage') return imageProblem(part.path);
  if (part.type !== 'mention' || isAddress(part.path)) return null;
  return stat(part.path).then(() => null, unreadable);
}

async function imageProblem(path: string): Promise<string | null> {
  try {
    // Opening a pipe would block, and reading would consume its data.
    if (!(await stat(path)).isFile()) return `must be a file, got ${shown(path)}`;
    // For a large file that is not an image, the first bytes are enough.
    const start = await startOf(path);
    const objection = imageObjection(imageFormat(start) === null ? start : await readFile(path));
    return objection === null ? null : `${objection}, got ${shown(path)}`;
  } catch (error) {
    return unreadable(error);
  }
}

async function startOf(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(12));
    return buffer;
  } finally {
    await file.close();
  }
}

function unreadable(error: unknown): string {
  return `refers to a file that cannot be read: ${messageOf(error)}`;
}

/** The skill by its path in codex-rs: codex-rs has one path for each file and does not require a name. */
async function preparedSkill(
  part: Extract<UserInput, { type: 'skill' }>,
  known: KnownSkills,
): Promise<PreparedPart> {
  const real = await resolved(part.path);
  const isNamed = async (path: string): Promise<boolean> =>
    path === normalize(part.path) || (await resolved(path)) === real;
  const skills = known.flatMap((entry) => entry.skills);
  for (const { path, name, enabled } of skills) {
    if (!(await isNamed(path))) continue;
    const problems = [
      ...(enabled ? [] : [{ path: 'path', reason: 'refers to a disabled skill: enable it first' }]),
      ...(name === part.name
        ? []
        : [{ path: 'name', reason: `must be ${shown(name)}, got ${shown(part.name)}` }]),
    ];
    return { part: { ...part, path }, problems };
  }
  for (const { path, message } of known.flatMap(({ errors }) => errors))
    if (await isNamed(path))
      return { part, problems: [{ path: 'path', reason: `is not a valid skill: ${message}` }] };
  const names = skills.map(({ name }) => name).join(', ');
  const reason = `must be the SKILL.md of a skill that codex-rs finds from the thread's working directory (${names}), got ${shown(part.path)}`;
  return { part, problems: [{ path: 'path', reason }] };
}

async function resolved(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
