import { readFile } from 'node:fs/promises';
import type { AppServerSession } from './wire/app-server-session.js';
import { warningOf } from './wire/notices.js';
import type { WithheldVariables } from './isolation/withheld-variables.js';
import type { OpenedThread } from './conversation/conversations.js';
import type { DoctorProblem } from './doctor-report.js';
import { RequestError } from './errors.js';
import { UnsupportedCodexError } from './wire/unsupported-codex-error.js';
import { serverStatuses } from './loaded/server-statuses.js';
import { isError, messageOf } from './shapes.js';
import { codexVersionAdvice } from './version.js';
import type { McpServerStatus } from './protocol/index.js';
import type { WarningMessage } from './telemetry/messages.js';
import type { ConfigRecord } from './options/config-record.js';
import { providerKey } from './options/named-variables.js';

/** Properties of a {@link ConfigurationCheck}. */
export interface ConfigurationCheckProps {
  readonly session: AppServerSession;
  /** Opens an ephemeral thread that appears in no list. */
  readonly openThread: () => Promise<OpenedThread>;
  /** The environment that the codex process gets. */
  readonly environment: Readonly<Record<string, string>>;
  /** The variables of this process that the codex process does not get. */
  readonly withheld: WithheldVariables;
  /** Whether the client disables the skills that it finds. */
  readonly isPrivate: boolean;
}

/** Checks the configuration as a thread in the current directory loads it. */
export class ConfigurationCheck {
  readonly #props: ConfigurationCheckProps;

  constructor(props: ConfigurationCheckProps) {
    this.#props = props;
  }

  /** All problems found. */
  async problems(): Promise<readonly DoctorProblem[]> {
    const { session, openThread } = this.#props;
    const warnings: WarningMessage[] = [];
    const forget = session.onNotification((notification) => {
      const warning = warningOf(notification, session.redactor);
      if (warning !== null) warnings.push(warning);
    });
    try {
      const thread = await openThread();
      const found = [
        ...(await tried('account', async () => this.#ofProvider())),
        ...(await tried('instructions', async () => this.#ofInstructions(thread))),
        ...(await tried('mcp-server', async () => this.#ofServers(thread))),
        ...(await tried('skill', async () => this.#ofSkills())),
      ];
      await thread.release().catch(() => undefined);
      const own = warnings.filter(({ threadId }) => threadId === thread.threadId);
      return [...found, ...ofWarnings([...session.warnings, ...own])];
    } catch (error) {
      const refusal = ofRefusal(error);
      // A warning repeats the reason.
      const others = session.warnings.filter(
        ({ details }) => details === null || !refusal.what.includes(details),
      );
      return [refusal, ...ofWarnings(others)];
    } finally {
      forget();
    }
  }

  async #ofProvider(): Promise<DoctorProblem[]> {
    const { session, environment, withheld } = this.#props;
    const { config } = await session.request('config/read', { cwd: process.cwd() });
    const key = providerKey({ config: config as unknown as ConfigRecord });
    if (key === null || (environment[key.name] ?? '').trim() !== '') return [];
    const { name, setting } = key;
    return [
      {
        check: 'account',
        what: `The provider reads its key from the environment variable ${name} (${setting}), which is not set for codex-rs.`,
        advice: withheld.has(name)
          ? `It is set for this process: ${withheld.remedy(name)}.`
          : `Set ${name}, or pass it with environment: { set: { ${name}: … } }.`,
      },
    ];
  }

  async #ofInstructions({ instructionSources }: OpenedThread): Promise<DoctorProblem[]> {
    const problems = instructionSources.map(async (path): Promise<DoctorProblem[]> => {
      try {
        new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
        return [];
      } catch (error) {
        const what =
          isError(error) && error.name === 'TypeError'
            ? `${path} is not UTF-8: the model receives garbled instructions.`
            : `${path} cannot be read: ${messageOf(error)}`;
        return [
          {
            check: 'instructions',
            what,
            advice: 'Save it as UTF-8, and make it readable for this user.',
          },
        ];
      }
    });
    return (await Promise.all(problems)).flat();
  }

  async #ofServers({ threadId }: OpenedThread): Promise<DoctorProblem[]> {
    const { session } = this.#props;
    const problems: DoctorProblem[] = [];
    for await (const server of serverStatuses(session, threadId))
      problems.push(...ofServer(server));
    return problems;
  }

  async #ofSkills(): Promise<DoctorProblem[]> {
    const { session, isPrivate } = this.#props;
    if (isPrivate) return [];
    const { data } = await session.request('skills/list', { cwds: [process.cwd()] });
    return data
      .flatMap(({ errors }) => errors)
      .map(({ path, message }) => ({
        check: 'skill',
        what: `${path} cannot be used: ${message}`,
        advice: 'Fix the file, or remove the skill.',
      }));
  }
}

/** The problems found. A check that throws is a problem too, unless codex-rs is too old for the request. */
async function tried(
  check: DoctorProblem['check'],
  look: () => Promise<DoctorProblem[]>,
): Promise<DoctorProblem[]> {
  try {
    return await look();
  } catch (error) {
    if (RequestError.is(error) || UnsupportedCodexError.is(error)) return [];
    return [{ check, what: messageOf(error), advice: 'Call doctor() again.' }];
  }
}

function ofServer({ name, runtimeStatus, toolsError }: McpServerStatus): DoctorProblem[] {
  const needsLogin = runtimeStatus === 'authenticationRequired';
  const isFailed = needsLogin || runtimeStatus === 'failed' || runtimeStatus === 'cancelled';
  if (!isFailed && toolsError === null) return [];
  return [
    {
      check: 'mcp-server',
      what: `The MCP server ${JSON.stringify(name)} does not work: ${toolsError ?? runtimeStatus}`,
      advice: needsLogin
        ? `Run \`codex mcp login ${name}\`.`
        : 'Check its command or url and its variables, raise its startup_timeout_sec, or set enabled = false.',
    },
  ];
}

function ofRefusal(error: unknown): DoctorProblem {
  if (UnsupportedCodexError.is(error))
    return { check: 'version', what: error.message, advice: codexVersionAdvice };
  const what = RequestError.is(error) ? error.serverMessage : messageOf(error);
  if (/required MCP servers? failed/i.test(what))
    return {
      check: 'mcp-server',
      what,
      advice: 'Check its command or url, or remove required = true from its configuration.',
    };
  return {
    check: 'configuration',
    what,
    advice: RequestError.is(error)
      ? 'Fix the setting named in the message, in config.toml, or in config, configOverrides or modelProvider of the client.'
      : 'Fix the cause named in the message, then call doctor() again.',
  };
}

function ofWarnings(warnings: readonly WarningMessage[]): DoctorProblem[] {
  const relevant = warnings.filter(
    // Reported by the sandbox check.
    ({ method, message }) => method !== 'deprecationNotice' && !/bubblewrap/i.test(message),
  );
  const texts = relevant.map(({ message, details }) =>
    details === null ? message : `${message} ${details}`,
  );
  return [...new Set(texts)].map((what) => ({
    check: 'configuration',
    what,
    advice:
      'Fix the file or setting named in the warning; codex-rs ignores it in its current form.',
  }));
}
