import { homedir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import type { ValidationProblem } from '../errors.js';
import type { AppServerTransport } from '../transport/app-server-transport.js';
import { settingAt, type ConfigRecord } from './config-record.js';
import { effectiveSandbox } from './effective-sandbox.js';
import type { EnvironmentOptions } from './environment-options.js';
import type { ToolSurface } from './tool-surface.js';

/** A rule for options that exclude each other. */
interface Contradiction<T> {
  /** The option at which the problem is reported. */
  readonly at: string;
  /** The problem, or undefined if the options are consistent. */
  readonly between: (options: T) => string | undefined;
}

/** Thread options that are also settings of the configuration, which they would silently override. @internal */
export const settingsOfOptions = [
  ['model', 'model'],
  ['modelProvider', 'model_provider'],
  ['modelReasoningEffort', 'model_reasoning_effort'],
  ['modelReasoningSummary', 'model_reasoning_summary'],
  ['sandboxMode', 'sandbox_mode'],
  ['networkAccessEnabled', 'sandbox_workspace_write.network_access'],
  ['additionalDirectories', 'sandbox_workspace_write.writable_roots'],
  ['approvalPolicy', 'approval_policy'],
  ['approvalMode', 'approval_policy'],
  ['approvalMode', 'approvals_reviewer'],
  ['webSearchMode', 'web_search'],
  ['webSearchEnabled', 'web_search'],
  ['developerInstructions', 'developer_instructions'],
  ['personality', 'personality'],
  ['serviceTier', 'service_tier'],
] as const satisfies readonly (readonly [option: string, setting: string])[];

/** The same for codex-rs's own tools. */
const settingsOfSurface: readonly (readonly ['shell' | 'webSearch' | 'apps', string])[] = [
  ['shell', 'features.shell_tool'],
  ['webSearch', 'web_search'],
  ['apps', 'features.apps'],
];

/** The options that apply only to a process of the client's own. */
const ofOwnServer = [
  'codexPath',
  'codexHome',
  'sqliteHome',
  'env',
  'environment',
  'config',
  'configOverrides',
  'modelProvider',
  'baseUrl',
] as const;

/** The options of a client that are compared. */
interface ClientValues extends Readonly<Partial<Record<(typeof ofOwnServer)[number], unknown>>> {
  readonly codexHome?: string;
  readonly sqliteHome?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly environment?: EnvironmentOptions;
  readonly environments?: object;
  readonly isolation?: 'user' | 'private';
  readonly apiKey?: unknown;
  readonly experimentalApi?: boolean;
  readonly labelsToProvider?: boolean;
  readonly transport?: Pick<AppServerTransport, 'ownership'>;
}

/** The options of a thread that are compared. @internal */
export type ThreadValues = Readonly<
  Partial<Record<(typeof settingsOfOptions)[number][0], unknown>>
> & {
  readonly additionalDirectories?: readonly string[];
  readonly approvalMode?: string;
  readonly config?: ConfigRecord;
  readonly networkAccessEnabled?: boolean;
  readonly sandboxMode?: string;
  readonly toolSurface?: ToolSurface;
  readonly trustProject?: boolean;
  readonly webSearchEnabled?: boolean;
  readonly webSearchMode?: string;
};

const codexTable: readonly Contradiction<ClientValues>[] = [
  ...ofOwnServer.map((at) => ({
    at,
    between: (options: ClientValues) =>
      isElsewhere(options) && options[at] !== undefined ? notElsewhere : undefined,
  })),
  {
    at: 'apiKey',
    between: ({ transport, apiKey }) =>
      transport?.ownership === 'shared' && apiKey !== undefined ? loginOfAll : undefined,
  },
  {
    at: 'isolation',
    between: (options) =>
      isElsewhere(options) && options.isolation === 'private' ? notElsewhere : undefined,
  },
  {
    at: 'environment',
    between: ({ env, environment }) => {
      if (env === undefined || environment === undefined) return undefined;
      return 'cannot be combined with env, which replaces the whole environment';
    },
  },
  {
    at: 'codexHome',
    between: ({ codexHome, env, environment }) => {
      const other = env?.CODEX_HOME ?? environment?.set?.CODEX_HOME;
      if (codexHome === undefined || other === undefined) return undefined;
      if (resolve(other) === codexHome) return undefined;
      return 'differs from CODEX_HOME in the given environment: keep one of them';
    },
  },
  {
    at: 'sqliteHome',
    between: ({ sqliteHome, env, environment, config = {} }) => {
      if (sqliteHome === undefined) return undefined;
      if (settingAt(config as ConfigRecord, 'sqlite_home') !== undefined)
        return 'cannot be combined with config.sqlite_home: keep one of them';
      const other = env?.CODEX_SQLITE_HOME ?? environment?.set?.CODEX_SQLITE_HOME;
      if (other === undefined || resolve(other) === sqliteHome) return undefined;
      return 'differs from CODEX_SQLITE_HOME in the given environment: keep one of them';
    },
  },
  {
    at: 'environments',
    between: ({ environments, env, environment, sqliteHome, experimentalApi }) => {
      if (environments === undefined) return undefined;
      if (experimentalApi === false) return 'require experimentalApi: true';
      if (sqliteHome !== undefined)
        return 'cannot be combined with sqliteHome: codex-rs does not support a separate SQLite directory together with environments';
      const other = env?.CODEX_EXEC_SERVER_URL ?? environment?.set?.CODEX_EXEC_SERVER_URL;
      if (other === undefined || other === 'none') return undefined;
      return 'cannot be combined with CODEX_EXEC_SERVER_URL in the given environment: add that server to environments';
    },
  },
  {
    at: 'codexHome',
    between: ({ codexHome, isolation }) => {
      if (isolation === 'user' || codexHome === undefined) return undefined;
      if (codexHome === join(homedir(), '.codex'))
        return 'is the Codex home of the user, which isolation "private" excludes: choose a separate directory';
      // A private home is closed to other users, which would be wrong for such a directory.
      return contains(codexHome, homedir())
        ? 'contains the home directory of the user: choose a separate directory'
        : undefined;
    },
  },
  {
    at: 'environment',
    between: ({ codexHome, env, environment, isolation }) => {
      if (isolation === 'user') return undefined;
      const other = env?.CODEX_HOME ?? environment?.set?.CODEX_HOME;
      const isPassed = environment?.pass?.includes('CODEX_HOME') ?? false;
      if (!isPassed && (other === undefined || codexHome !== undefined)) return undefined;
      return 'sets CODEX_HOME, which isolation "private" does not support: use codexHome instead';
    },
  },
  {
    at: 'labelsToProvider',
    between: ({ experimentalApi, labelsToProvider }) =>
      labelsToProvider && !experimentalApi
        ? 'requires experimentalApi: true, because codex-rs accepts request metadata only in its experimental API'
        : undefined,
  },
];

const threadTable: readonly Contradiction<ThreadValues>[] = [
  {
    at: 'approvalMode',
    between: ({ approvalMode, approvalPolicy }) => {
      if (approvalMode === undefined || approvalPolicy === undefined) return undefined;
      return 'cannot be combined with approvalPolicy: "autoReview" means "on-request" with the automatic reviewer, and "denyAll" means "never"';
    },
  },
  {
    at: 'approvalMode',
    between: ({ approvalMode, sandboxMode }) => {
      if (approvalMode !== 'dangerouslyBypassApprovalsAndSandbox') return undefined;
      if (sandboxMode === undefined || sandboxMode === 'danger-full-access') return undefined;
      return `bypasses the sandbox, but sandboxMode is "${sandboxMode}": keep one of them`;
    },
  },
  {
    at: 'webSearchEnabled',
    between: ({ webSearchEnabled, webSearchMode }) => {
      if (webSearchEnabled === undefined || webSearchMode === undefined) return undefined;
      if (webSearchEnabled === (webSearchMode !== 'disabled')) return undefined;
      return `is ${webSearchEnabled}, but webSearchMode is "${webSearchMode}": keep one of them`;
    },
  },
  {
    at: 'toolSurface.webSearch',
    between: ({ toolSurface, webSearchEnabled, webSearchMode }) => {
      const offered = toolSurface?.webSearch;
      const wanted = webSearchMode === undefined ? webSearchEnabled : webSearchMode !== 'disabled';
      if (offered === undefined || wanted === undefined || offered === wanted) return undefined;
      return `is ${offered}, but webSearch${webSearchMode === undefined ? 'Enabled' : 'Mode'} has the opposite value: keep one of them`;
    },
  },
  {
    at: 'additionalDirectories',
    between: ({ additionalDirectories = [], sandboxMode }) => {
      if (additionalDirectories.length === 0 || sandboxMode === 'workspace-write') return undefined;
      return `require sandboxMode "workspace-write", but sandboxMode is ${sandboxMode === undefined ? 'not set' : `"${sandboxMode}"`}`;
    },
  },
  {
    at: 'networkAccessEnabled',
    between: ({ networkAccessEnabled, ...options }) => {
      if (networkAccessEnabled === undefined) return undefined;
      const sandboxMode = effectiveSandbox(options);
      if (sandboxMode === undefined) return 'requires sandboxMode, which is not set';
      if (sandboxMode !== 'danger-full-access' || networkAccessEnabled) return undefined;
      return 'cannot be false with sandboxMode "danger-full-access", which restricts nothing';
    },
  },
  {
    at: 'config.sandbox_mode',
    between: ({ config, sandboxMode, trustProject }) => {
      const setting = config && settingAt(config, 'sandbox_mode');
      if (setting === undefined || sandboxMode !== undefined || trustProject) return undefined;
      return 'makes codex-rs store a trust entry for the project: use sandboxMode instead, or add trustProject: true';
    },
  },
  ...settingsOfSurface.map(([name, setting]): Contradiction<ThreadValues> => ({
    at: `config.${setting}`,
    between: ({ toolSurface, config }) => {
      if (toolSurface?.[name] === undefined || !config) return undefined;
      if (settingAt(config, setting) === undefined) return undefined;
      return `duplicates toolSurface.${name}: keep only toolSurface.${name}`;
    },
  })),
  ...settingsOfOptions.map(([option, setting]): Contradiction<ThreadValues> => ({
    at: `config.${setting}`,
    between: ({ [option]: value, config }) => {
      if (value === undefined || !config || settingAt(config, setting) === undefined)
        return undefined;
      return `duplicates ${option}: keep only ${option}`;
    },
  })),
];

/** Returns the contradictions in the options of a client. @internal */
export function codexContradictions(options: ClientValues): ValidationProblem[] {
  return contradictions(options, codexTable);
}

/** Returns the contradictions in the options of a thread. @internal */
export function threadContradictions(options: ThreadValues): ValidationProblem[] {
  return contradictions(options, threadTable);
}

function contains(directory: string, other: string): boolean {
  const way = relative(directory, other);
  return way === '' || !/^\.\.(?:[\\/]|$)/.test(way);
}

function contradictions<T>(options: T, table: readonly Contradiction<T>[]): ValidationProblem[] {
  return table.flatMap(({ at, between }) => {
    const reason = between(options);
    return reason === undefined ? [] : [{ path: at, reason }];
  });
}

/** Whether other clients share the codex-rs of this client. @internal */
export function isShared({ transport }: ClientValues): boolean {
  return transport?.ownership === 'shared';
}

/** Whether the server is a process that the client did not start. */
function isElsewhere({ transport }: ClientValues): boolean {
  return (transport?.ownership ?? 'own') !== 'own';
}

const notElsewhere =
  'applies only to a codex-rs that this client starts, but the transport connects to an independent server';
const loginOfAll =
  'would change the login for every client of this server: log in on the server, or pass ownership: "dedicated" to the transport if this client is its only one';
