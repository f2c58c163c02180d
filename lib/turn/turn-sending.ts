import type { TurnStartParams, UserInput } from '../protocol/index.js';
import type { JsonObject } from '../output/output-format.js';
import type { TurnSendMessage } from '../telemetry/turn-messages.js';
import { isShared } from '../options/contradictions.js';
import { requireEnvironments } from '../isolation/environments.js';
import type { ThreadOptions } from '../options/thread-options.js';
import type { TurnRun } from './turn-run.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';
import { ownSandbox } from '../loaded/own-sandbox.js';
import { providerLabels } from './provider-labels.js';
import type { ThreadDescription } from './thread-description.js';
import type { ThreadTools } from './thread-tools.js';
import { PostTurnWork } from './post-turn-work.js';
import { turnSettings, type TurnSettings, type TurnSettingsProps } from './turn-settings.js';

/** One attempt to run a turn. */
export interface TurnSending {
  readonly run: TurnRun;
  readonly input: UserInput[];
  readonly thread: LoadedThread;
  readonly options: ThreadOptions;
  readonly outputSchema: JsonObject | null;
  readonly threadIdBefore: string | null;
  /** Whether the labels are sent to the model provider. */
  readonly labelsToProvider: boolean;
}

/** The telemetry data of a sent turn. */
export function described({
  options,
  thread,
}: TurnSending): Pick<TurnSendMessage, 'labels' | 'model' | 'modelProvider'> {
  const { model, modelProvider } = thread.reported;
  return { labels: options.labels.toJSON(), model: options.model ?? model, modelProvider };
}

/** A turn that can be sent. */
export interface PreparedTurn {
  readonly params: TurnStartParams;
  /** The tools it calls. */
  readonly tools: ThreadTools;
  /** The work after the turn. */
  readonly postTurn: PostTurnWork;
}

/** Properties of the preparation of a turn. */
export interface Preparation extends Pick<TurnSettingsProps, 'client'> {
  readonly description: ThreadDescription;
  /** Whether the thread has no turn yet. */
  readonly isNew: boolean;
}

/**
 * Prepares a turn so that its settings can be restored after a crash.
 *
 * @throws `EnvironmentError` if an environment of the turn cannot be reached
 * @throws `ValidationError` for labels that cannot be sent to the model provider, and for an option that cannot be changed
 * for a single turn
 */
export async function prepared(
  sending: TurnSending,
  { client, description, isNew }: Preparation,
): Promise<PreparedTurn> {
  const { thread, options } = sending;
  const base = description.options;
  await requireEnvironments(thread.session, options);
  const settings = await turnSettings({ client, base, options, thread });
  const params = turnStart(sending, settings.params);
  const tools = await description.toolsFor(options, thread);
  const postTurn = new PostTurnWork({
    thread,
    restoration: settings.restoration,
    sandbox: ownSandbox(base, thread.reported),
    isShared: isShared(client),
  });
  await thread.overrides.prepare(settings.params, settings.restoration);
  // A new thread accepts attachments only once it has a turn. Restored settings may not be on disk yet, so the stored copy
  // is kept until the turn has started.
  if (!isNew && settings.restoration !== null && thread.isUsable) await thread.overrides.store();
  return { params, tools, postTurn };
}

function turnStart(sending: TurnSending, settings: TurnSettings['params']): TurnStartParams {
  const { run, input, thread, options, outputSchema, labelsToProvider } = sending;
  return {
    threadId: thread.threadId,
    clientUserMessageId: run.clientMessageId,
    input,
    ...settings,
    ...(labelsToProvider ? providerLabels(options.labels) : {}),
    ...(outputSchema === null ? {} : { outputSchema }),
    ...(run.options.source === undefined ? {} : { turnTrigger: run.options.source }),
  };
}
