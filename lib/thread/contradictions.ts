import type { ValidationProblem } from '../errors.js';
import type { CodexOptions } from './codex-options.js';
import type { ThreadOptions } from './thread-options.js';

/** Options that exclude each other. Gives the problem when both are there, undefined otherwise. @internal */
export interface Contradiction<T> {
  readonly path: string;
  readonly reason: (options: T) => string | undefined;
}

/** What cannot hold together in {@link CodexOptions}. @internal */
export const codexContradictions: readonly Contradiction<CodexOptions>[] = [
  {
    path: 'environment',
    reason: ({ env, environment }: CodexOptions): string | undefined =>
      env !== undefined && environment !== undefined
        ? 'cannot be combined with env: env replaces the whole environment'
        : undefined,
  },
  {
    path: 'codexHome',
    reason: ({ codexHome, env, environment }: CodexOptions): string | undefined => {
      const other = env?.CODEX_HOME ?? environment?.set?.CODEX_HOME;
      return codexHome !== undefined && other !== undefined && other !== codexHome
        ? 'names another directory than CODEX_HOME of the environment given: keep one of them'
        : undefined;
    },
  },
];

/** What cannot hold together in {@link ThreadOptions}. @internal */
export const threadContradictions: readonly Contradiction<ThreadOptions>[] = [
  {
    path: 'approvalMode',
    reason: ({ approvalMode, approvalPolicy }: ThreadOptions): string | undefined =>
      approvalMode !== undefined && approvalPolicy !== undefined
        ? 'cannot be combined with approvalPolicy: "autoReview" means "on-request" with the automatic reviewer, "denyAll" means "never"'
        : undefined,
  },
  {
    path: 'webSearchEnabled',
    reason: ({ webSearchEnabled, webSearchMode }: ThreadOptions): string | undefined =>
      webSearchEnabled !== undefined &&
      webSearchMode !== undefined &&
      webSearchEnabled !== (webSearchMode !== 'disabled')
        ? `is ${webSearchEnabled}, but webSearchMode is "${webSearchMode}": keep webSearchMode alone`
        : undefined,
  },
  {
    path: 'toolSurface.webSearch',
    reason: ({
      toolSurface,
      webSearchEnabled,
      webSearchMode,
    }: ThreadOptions): string | undefined => {
      const wanted = webSearchMode === undefined ? webSearchEnabled : webSearchMode !== 'disabled';
      return toolSurface?.webSearch !== undefined &&
        wanted !== undefined &&
        toolSurface.webSearch !== wanted
        ? `is ${toolSurface.webSearch}, but webSearchMode or webSearchEnabled says otherwise`
        : undefined;
    },
  },
  {
    path: 'additionalDirectories',
    reason: ({ additionalDirectories = [], sandboxMode }: ThreadOptions): string | undefined =>
      additionalDirectories.length > 0 && sandboxMode !== 'workspace-write'
        ? `need sandboxMode "workspace-write", which is ${sandboxMode === undefined ? 'not set' : `"${sandboxMode}"`}`
        : undefined,
  },
  {
    path: 'networkAccessEnabled',
    reason: ({ networkAccessEnabled, sandboxMode }: ThreadOptions): string | undefined => {
      if (networkAccessEnabled === undefined) return undefined;
      if (sandboxMode === undefined) return 'needs sandboxMode, which is not set';
      return sandboxMode === 'danger-full-access' && !networkAccessEnabled
        ? 'cannot be false with sandboxMode "danger-full-access": nothing is sandboxed there'
        : undefined;
    },
  },
];

/** Which contradictions of a table an options value contains. @internal */
export function contradictionsIn<T>(
  options: T,
  table: readonly Contradiction<T>[],
): ValidationProblem[] {
  return table.flatMap(({ path, reason }) => {
    const found = reason(options);
    return found === undefined ? [] : [{ path, reason: found }];
  });
}
