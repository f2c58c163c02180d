import type {
  AskForApproval,
  SandboxPolicy,
  ThreadResumeParams,
  ThreadStartParams,
  TurnStartParams,
} from '../protocol/index.js';
import type { ThreadOptions } from '../thread/thread-options.js';

/** The parameters of `thread/start` for a new thread: what the user set, and nothing else. */
export function threadStart(options: ThreadOptions): ThreadStartParams {
  return present<ThreadStartParams>({
    ...shared(options),
    ephemeral: options.ephemeral,
    model: options.model,
    modelProvider: options.modelProvider,
    serviceName: options.serviceName,
    serviceTier: options.serviceTier,
    threadSource: options.threadSource,
  });
}

/**
 * The parameters of `thread/resume`. Model, effort and provider stay away unless the user set them: sending one of them
 * discards what the thread saved.
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

/** The settings that go with every turn. The sandbox is one of them: with `thread/start` it would trust the project. */
export function turnSettings(options: ThreadOptions): Omit<TurnStartParams, 'threadId' | 'input'> {
  return present<Omit<TurnStartParams, 'threadId' | 'input'>>({
    effort: options.modelReasoningEffort,
    summary: options.modelReasoningSummary,
    sandboxPolicy: sandboxPolicy(options),
  });
}

function shared(options: ThreadOptions): {
  [K in keyof ThreadResumeParams]?: ThreadResumeParams[K] | undefined;
} {
  return {
    approvalPolicy: options.approvalPolicy as AskForApproval | undefined,
    baseInstructions: options.baseInstructions,
    config: configOf(options),
    cwd: options.workingDirectory,
    developerInstructions: options.developerInstructions,
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- codex-rs still takes it, and so does the Python client
    personality: options.personality,
    sandbox: options.trustProject === true ? options.sandboxMode : undefined,
  };
}

function configOf(options: ThreadOptions): ThreadStartParams['config'] | undefined {
  const search = webSearch(options);
  const config = { ...options.config, ...(search === undefined ? {} : { web_search: search }) };
  return Object.keys(config).length === 0 ? undefined : config;
}

function webSearch({ webSearchMode, webSearchEnabled }: ThreadOptions): string | undefined {
  if (webSearchMode !== undefined) return webSearchMode;
  if (webSearchEnabled === undefined) return undefined;
  return webSearchEnabled ? 'live' : 'disabled';
}

function sandboxPolicy(options: ThreadOptions): SandboxPolicy | undefined {
  switch (options.sandboxMode) {
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
      return options.sandboxMode satisfies never;
  }
}

function present<T extends object>(params: { [K in keyof T]?: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined)) as T;
}
