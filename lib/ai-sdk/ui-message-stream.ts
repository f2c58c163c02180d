import type { QueuedApprovals } from '../approvals/queued-approvals.js';
import type { Turn } from '../turn/turn.js';
import { chunkStream, ChunkReader } from './chunk-reader.js';
import { TurnChunks } from './turn-chunks.js';
import type { CodexUIMessageChunk } from './ui-message.js';

/** Options of {@link toUIMessageStream}. */
export interface UIMessageStreamOptions {
  /**
   * The queue with the approval requests of the turn. A pending request becomes a part in the state
   * `approval-requested` with the queue's id as `approval.id`. Without a queue, the client only sees the decisions.
   */
  readonly approvals?: QueuedApprovals;
  /**
   * The text for the client if the turn fails. Defaults to the message of a `TurnFailedError`, and to a sentence with the code
   * for other errors, since their messages may name paths and hosts.
   */
  readonly onError?: (error: unknown) => string;
}

/**
 * Returns a turn as a UI message stream of the AI SDK. The turn starts when the stream is first read. Cancelling the
 * stream interrupts it.
 *
 * @example
 * ```ts
 * const stream = toUIMessageStream(thread.runStreamed('Why is the build red?'));
 * for await (const message of readUIMessageStream<CodexUIMessage>({ stream })) answer = message;
 * const texts = answer?.parts.filter((part) => part.type === 'text') ?? [];
 * console.log(texts.map(({ text }) => text).join('')); // A test fails.
 * ```
 *
 * @throws `CodexError` `already-read` if the events of the turn were already requested
 */
export function toUIMessageStream(
  turn: Turn<unknown>,
  options: UIMessageStreamOptions = {},
): ReadableStream<CodexUIMessageChunk> {
  return chunkStream(uiChunkReader(turn, options));
}

/** Returns the reader of a turn for a UI message stream. */
export function uiChunkReader(
  turn: Turn<unknown>,
  { approvals, onError }: UIMessageStreamOptions,
): ChunkReader<CodexUIMessageChunk> {
  return new ChunkReader({ turn, approvals, chunks: new TurnChunks(onError) });
}
