import type { AppServer } from '../wire/app-server.js';
import { decode } from '../wire/decode.js';
import type { UserInput } from '../protocol/index.js';
import type { CodexOptions } from '../options/codex-options.js';
import type { ThreadOptions } from '../options/thread-options.js';
import { preparedInput, type KnownSkills } from './prepared-input.js';
import { ExplicitAdditions } from '../isolation/explicit-additions.js';

/** What an input is made sendable with. */
export interface SendableInputProps {
  readonly appServer: AppServer;
  readonly client: CodexOptions;
  readonly options: ThreadOptions;
  /** The thread's working directory, as far as it is known. */
  readonly folder: string | undefined;
}

/**
 * An input as codex-rs takes it.
 *
 * @throws `ValidationError` with everything in it that codex-rs would leave out
 */
export async function sendableInput(
  input: readonly UserInput[],
  props: SendableInputProps,
): Promise<UserInput[]> {
  const ownership = props.client.transport?.ownership ?? 'own';
  return preparedInput(input, { skills: async () => skillsFor(props), ownership });
}

async function skillsFor(props: SendableInputProps): Promise<KnownSkills> {
  const { appServer, client, options, folder } = props;
  const cwds = folder === undefined ? [] : [folder];
  const additions = new ExplicitAdditions(client, options);
  // The skills of a folder that was not there at the last look are found by a new one only, by the turn as well.
  const { data } = await appServer.request('skills/list', { cwds, forceReload: true });
  return decode(
    'skills/list',
    () =>
      data.map(({ skills, errors }) => ({
        skills: skills.map((skill) => ({
          ...skill,
          // A private thread has been told to leave the others out.
          enabled:
            client.isolation === 'user'
              ? skill.enabled
              : skill.scope === 'system' || additions.hasSkill(skill),
        })),
        errors: [...errors],
      })),
    appServer,
  );
}
