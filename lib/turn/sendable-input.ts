import type { AppServer } from '../wire/app-server.js';
import { decode } from '../wire/decode.js';
import type { UserInput } from '../protocol/index.js';
import type { CodexOptions } from '../options/codex-options.js';
import type { ThreadOptions } from '../options/thread-options.js';
import { preparedInput, type KnownSkills } from './prepared-input.js';
import { ExplicitAdditions } from '../isolation/explicit-additions.js';

/** Properties of {@link sendableInput}. */
export interface SendableInputProps {
  readonly appServer: AppServer;
  readonly client: CodexOptions;
  readonly options: ThreadOptions;
  /** The thread's working directory, if known. */
  readonly folder: string | undefined;
}

/**
 * An input in the form that codex-rs accepts.
 *
 * @throws `ValidationError` with every part that codex-rs would drop
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
  // codex-rs finds the skills of a folder created since the last scan only if it scans again; this holds for the turn too.
  const { data } = await appServer.request('skills/list', { cwds, forceReload: true });
  return decode(
    'skills/list',
    () =>
      data.map(({ skills, errors }) => ({
        skills: skills.map((skill) => ({
          ...skill,
          // A private thread excludes the other skills.
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
