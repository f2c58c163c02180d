import { chunkStream, ChunkReader } from '../ai-sdk/chunk-reader.js';
import { errorTextOf } from '../ai-sdk/turn-chunks.js';
import type { QueuedApprovals } from '../approvals/queued-approvals.js';
import type { Turn } from '../turn/turn.js';
import type { AgUiEvent } from './ag-ui-event.js';
import { RunEvents } from './run-events.js';

/** Options of {@link toAgUiStream}. */
export interface AgUiOptions {
  /** The ids of the client's run: its `RunAgentInput`, or an object with the same two ids. Defaults to the ids of the turn. */
  readonly run?: {
    /** The thread of the client. */
    readonly threadId: string;
    /** The run of the client. */
    readonly runId: string;
  };
  /**
   * The queue with the approval requests of the turn. A pending request becomes a `CUSTOM` event
   * `codex.approval.requested`. Without a queue, the client only sees the decisions.
   */
  readonly approvals?: QueuedApprovals;
  /**
   * The text for the client if the turn fails. Defaults to the message of a `TurnFailedError`, and to a sentence with the code
   * for other errors, since their messages may name paths and hosts.
   */
  readonly onError?: (error: unknown) => string;
}

/**
 * Returns a turn as a run of AG-UI. The turn starts when the stream is first read. Cancelling the stream interrupts it.
 *
 * @example
 * ```ts
 * const stream = toAgUiStream(thread.runStreamed('Why is the build red?'));
 * for await (const event of stream)
 *   if (event.type === 'TEXT_MESSAGE_CONTENT') console.log(event.delta); // A test fails.
 * ```
 *
 * @throws `CodexError` `already-read` if the events of the turn were already requested
 */
export function toAgUiStream(
  turn: Turn<unknown>,
  { run, approvals, onError = errorTextOf }: AgUiOptions = {},
): ReadableStream<AgUiEvent> {
  const chunks = new RunEvents({ run, errorText: onError });
  return chunkStream(new ChunkReader({ turn, approvals, chunks }));
}
