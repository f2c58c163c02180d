import { access } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { ValidationError, type ValidationProblem } from '../errors.js';
import type { UserInput } from '../protocol/index.js';

/**
 * Refuses what codex-rs would take and silently drop: a file that is not there, an image that it will not fetch. Asked
 * before anything is sent.
 *
 * @throws {@link ValidationError} with everything that is wrong
 */
export async function checkInput(
  input: readonly UserInput[],
  workingDirectory: string | undefined,
): Promise<void> {
  const found = await Promise.all(
    input.map(async (part, index) => problemWith(part, `[${index}]`, workingDirectory)),
  );
  const problems = found.filter((problem) => problem !== null);
  if (problems.length > 0) throw new ValidationError('The input of a turn', problems);
}

async function problemWith(
  part: UserInput,
  path: string,
  workingDirectory: string | undefined,
): Promise<ValidationProblem | null> {
  if (part.type === 'image' && 'url' in part && !part.url.startsWith('data:'))
    return {
      path: `${path}.url`,
      reason: 'must be a data: URL, since codex-rs does not fetch images; pass the image itself',
    };
  if (part.type !== 'localImage' && part.type !== 'skill' && part.type !== 'mention') return null;
  // Skills and mentions may stand for something that is no file, such as app://mail.
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(part.path)) return null;
  const file = isAbsolute(part.path) ? part.path : resolve(workingDirectory ?? '.', part.path);
  try {
    await access(file);
    return null;
  } catch {
    return { path: `${path}.path`, reason: `names a file that cannot be read: ${file}` };
  }
}
