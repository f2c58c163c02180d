import type { TurnStartParams, UserInput } from '../protocol/index.js';
import type { JsonObject } from '../schema/output-format.js';
import type { TurnSendMessage } from '../telemetry/telemetry.js';
import type { ThreadOptions } from '../thread/thread-options.js';
import type { TurnRun } from '../turn/turn-run.js';
import type { LoadedThread } from './loaded-thread.js';
import { providerLabels } from './provider-labels.js';
import type { TurnSettings } from './turn-settings.js';

/** One attempt to have a turn run. */
export interface TurnSending {
  readonly run: TurnRun;
  readonly input: UserInput[];
  readonly thread: LoadedThread;
  readonly options: ThreadOptions;
  readonly outputSchema: JsonObject | null;
  readonly threadIdBefore: string | null;
  /** Whether the labels go to the model provider. */
  readonly labelsToProvider: boolean;
}

/** What telemetry tells of a turn that is sent. */
export function toldOf({
  options,
  thread,
}: TurnSending): Pick<TurnSendMessage, 'labels' | 'model' | 'modelProvider'> {
  const { model, modelProvider } = thread.reported;
  return { labels: options.labels.toJSON(), model: options.model ?? model, modelProvider };
}

/**
 * The parameters of `turn/start`.
 *
 * @throws `ValidationError` for labels that the model provider cannot be sent
 */
export function turnStart(sending: TurnSending, settings: TurnSettings['params']): TurnStartParams {
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
