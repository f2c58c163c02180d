import { isDeepStrictEqual } from 'node:util';
import { ValidationError } from '../errors.js';
import type {
  ThreadForkResponse,
  ThreadResumeResponse,
  ThreadSettingsUpdateParams,
  ThreadStartResponse,
  TurnStartParams,
} from '../protocol/index.js';
import type { ThreadOptions } from '../thread/thread-options.js';
import { approvalSettings, present, sandboxPolicy } from './thread-requests.js';

/** What codex-rs reported when the thread was loaded. */
export type ReportedSettings = ThreadStartResponse | ThreadResumeResponse | ThreadForkResponse;

/** What `thread/settings/update` puts back after a turn with settings of its own. */
export type Restoration = Omit<ThreadSettingsUpdateParams, 'threadId'>;

/** The settings of one turn. */
export interface TurnSettings {
  /** What goes with `turn/start`. */
  readonly params: Omit<TurnStartParams, 'threadId' | 'input'>;
  /** What puts the thread's own settings back afterwards, or null when the turn changes none. */
  readonly restoration: Restoration | null;
}

type OptionName = Exclude<keyof ThreadOptions & string, 'labelled' | 'merge' | 'equals' | 'toJSON'>;

/** What differs from the thread's own options may be changed for a single turn only if it can be put back. */
const changeable: readonly OptionName[] = [
  'model',
  'modelReasoningEffort',
  'modelReasoningSummary',
  'sandboxMode',
  'networkAccessEnabled',
  'additionalDirectories',
  'approvalPolicy',
  'approvalMode',
  'workingDirectory',
  'serviceTier',
];

/** These need nothing put back: codex-rs does not hear of them with a turn. */
const local: readonly OptionName[] = ['labels', 'approvals', 'tools', 'skipGitRepoCheck'];

/**
 * What a turn with these options sends, and what must be put back after it.
 *
 * @param base - the thread's own options
 * @throws {@link ValidationError} for an option that cannot be changed for a single turn
 */
export function turnSettings(
  base: ThreadOptions,
  options: ThreadOptions,
  reported: ReportedSettings,
): TurnSettings {
  const changed = changesOf(base, options);
  const refused = changed.filter((name) => !changeable.includes(name));
  if (refused.length > 0)
    throw new ValidationError(
      'The options of the turn',
      refused.map((path) => ({
        path,
        reason: 'cannot be changed for a single turn: set it when the thread is described',
      })),
    );
  const has = (...names: OptionName[]): boolean => names.some((name) => changed.includes(name));
  const approvals = has('approvalPolicy', 'approvalMode');
  return {
    params: present({
      effort: options.modelReasoningEffort,
      summary: options.modelReasoningSummary,
      sandboxPolicy: sandboxPolicy(options),
      model: has('model') ? options.model : undefined,
      cwd: has('workingDirectory') ? options.workingDirectory : undefined,
      ...(approvals ? approvalSettings(options) : {}),
      serviceTierForTurn: has('serviceTier') ? options.serviceTier : undefined,
    }),
    restoration: restorationOf(has, base, reported),
  };
}

function changesOf(base: ThreadOptions, options: ThreadOptions): OptionName[] {
  return (Object.keys(options) as OptionName[]).filter(
    (name) =>
      !local.includes(name) &&
      options[name] !== undefined &&
      !isDeepStrictEqual(options[name], base[name]),
  );
}

function restorationOf(
  has: (...names: OptionName[]) => boolean,
  base: ThreadOptions,
  reported: ReportedSettings,
): Restoration | null {
  const effort = base.modelReasoningEffort ?? reported.reasoningEffort;
  const model = base.model ?? reported.model;
  const restoration = present<Restoration>({
    model: has('model') ? model : undefined,
    cwd: has('workingDirectory') ? reported.cwd : undefined,
    summary: has('modelReasoningSummary') ? (base.modelReasoningSummary ?? 'none') : undefined,
    ...(has('approvalPolicy', 'approvalMode')
      ? { approvalPolicy: reported.approvalPolicy, approvalsReviewer: reported.approvalsReviewer }
      : {}),
    ...(has('sandboxMode', 'networkAccessEnabled', 'additionalDirectories')
      ? sandboxOf(base, reported)
      : {}),
    ...(has('modelReasoningEffort') ? effortOf(effort, model) : {}),
  });
  return Object.keys(restoration).length === 0 ? null : restoration;
}

/** Where a profile was in force, its policy alone would put something else in its place. */
function sandboxOf(base: ThreadOptions, reported: ReportedSettings): Restoration {
  const own = sandboxPolicy(base);
  if (own !== undefined) return { sandboxPolicy: own };
  return reported.activePermissionProfile === null
    ? { sandboxPolicy: reported.sandbox }
    : { permissions: reported.activePermissionProfile.id };
}

/** `effort: null` changes nothing; only a whole collaboration mode unsets it. */
function effortOf(effort: string | null, model: string): Restoration {
  if (effort !== null) return { effort };
  return {
    collaborationMode: {
      mode: 'default',
      settings: { model, reasoning_effort: null, developer_instructions: '' },
    },
  };
}
