import type { AppServer } from '../app-server/app-server.js';
import { understood } from '../app-server/understood.js';
import type { UserInput } from '../protocol/index.js';
import { preparedInput, type KnownSkills } from '../turn/prepared-input.js';

/**
 * An input as codex-rs takes it, for a thread of this working directory.
 *
 * @throws `ValidationError` with everything in it that codex-rs would leave out
 */
export async function sendableInput(
  input: readonly UserInput[],
  appServer: AppServer,
  workingDirectory: string | undefined,
): Promise<UserInput[]> {
  return preparedInput(input, async () => skillsIn(workingDirectory, appServer));
}

async function skillsIn(folder: string | undefined, appServer: AppServer): Promise<KnownSkills> {
  const cwds = folder === undefined ? [] : [folder];
  // The skills of a folder that was not there at the last look are found by a new one only, by the turn as well.
  const { data } = await appServer.request('skills/list', { cwds, forceReload: true });
  return understood('skills/list', () =>
    data.map(({ skills, errors }) => ({ skills: [...skills], errors: [...errors] })),
  );
}
