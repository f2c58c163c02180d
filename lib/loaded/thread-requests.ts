import { settingsIn } from '../transport/toml-overrides.js';
import { approvalModeSettings, type ApprovalModeSettings } from '../approvals/approval-mode.js';
import type {
  AskForApproval,
  SandboxPolicy,
  ThreadResumeParams,
  ThreadStartParams,
} from '../protocol/index.js';
import { GranularApprovals } from '../options/approval-policy.js';
import { snakeCased } from '../options/option-reader.js';
import { effectiveSandbox } from '../options/effective-sandbox.js';
import { wireEnvironments } from '../options/thread-environment.js';
import type { ThreadOptions } from '../options/thread-options.js';

type WireGranular = Extract<AskForApproval, { granular: unknown }>['granular'];

/** The parameters of `thread/start` for a new thread: only the options set by the user. */
export function threadStart(options: ThreadOptions): ThreadStartParams {
  return present<ThreadStartParams>({
    ...shared(options),
    environments: wireEnvironments(options.environments),
    ephemeral: options.ephemeral,
    model: options.model,
    modelProvider: options.modelProvider,
    serviceName: options.serviceName,
    serviceTier: options.serviceTier,
    threadSource: options.threadSource,
  });
}

/**
 * The parameters of `thread/resume`. Model, effort and provider are omitted unless the user set them: sending one of them
 * discards the thread's saved values.
 */
export function threadResume(threadId: string, options: ThreadOptions): ThreadResumeParams {
  return {
    threadId,
    excludeTurns: true,
    ...present<Omit<ThreadResumeParams, 'threadId'>>({
      ...shared(options),
      model: options.model,
      modelProvider: options.modelProvider,
      serviceTier: options.serviceTier,
    }),
  };
}

function shared(options: ThreadOptions): {
  [K in keyof ThreadResumeParams]?: ThreadResumeParams[K] | undefined;
} {
  return {
    ...approvalSettings(options),
    baseInstructions: options.baseInstructions,
    config: configOf(options),
    cwd: options.workingDirectory,
    developerInstructions: options.developerInstructions,
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- codex-rs still accepts it, and the Python client uses it
    personality: options.personality,
    sandbox: options.trustProject === true ? effectiveSandbox(options) : undefined,
  };
}

function configOf(options: ThreadOptions): ThreadStartParams['config'] | undefined {
  const search = webSearch(options);
  const config = {
    ...Object.fromEntries(settingsIn(options.config ?? {})),
    ...(search === undefined ? {} : { web_search: search }),
    ...(options.toolSurface?.shell === false ? { 'features.shell_tool': false } : {}),
    ...(options.toolSurface?.apps === false ? { 'features.apps': false } : {}),
  };
  return Object.keys(config).length === 0 ? undefined : config;
}

function webSearch({
  toolSurface,
  webSearchMode,
  webSearchEnabled,
}: ThreadOptions): string | undefined {
  if (toolSurface?.webSearch === false) return 'disabled';
  if (webSearchMode !== undefined) return webSearchMode;
  if (webSearchEnabled === undefined) return undefined;
  return webSearchEnabled ? 'live' : 'disabled';
}

/** The approval policy and reviewer. Nothing is sent unless the user sets them, so that an organisation's policy applies. */
export function approvalSettings({
  approvalMode,
  approvalPolicy,
}: ThreadOptions): Partial<ApprovalModeSettings> {
  if (approvalMode !== undefined) return approvalModeSettings(approvalMode);
  if (approvalPolicy === undefined) return {};
  if (typeof approvalPolicy === 'string') return { approvalPolicy };
  const complete: object = Object.assign(new GranularApprovals(), approvalPolicy.granular);
  const granular = Object.entries(complete).map(([name, value]: [string, boolean]) => [
    snakeCased(name),
    value,
  ]);
  return { approvalPolicy: { granular: Object.fromEntries(granular) as WireGranular } };
}

/** The sandbox in wire format, sent with every turn: with `thread/start` codex-rs would trust the project. */
export function sandboxPolicy(options: ThreadOptions): SandboxPolicy | undefined {
  const mode = effectiveSandbox(options);
  switch (mode) {
    case undefined:
      return undefined;
    case 'danger-full-access':
      return { type: 'dangerFullAccess' };
    case 'read-only':
      return { type: 'readOnly', networkAccess: options.networkAccessEnabled ?? false };
    case 'workspace-write':
      return {
        type: 'workspaceWrite',
        writableRoots: [...(options.additionalDirectories ?? [])],
        networkAccess: options.networkAccessEnabled ?? false,
        excludeTmpdirEnvVar: false,
        excludeSlashTmp: false,
      };
    default:
      return mode satisfies never;
  }
}

/** The parameters without undefined values. */
export function present<T extends object>(params: { [K in keyof T]?: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined)) as T;
}
