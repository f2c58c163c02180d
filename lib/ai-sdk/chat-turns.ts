import type { ApprovalVerdict } from '../approvals/approval-decision.js';
import type { ApprovalRequest } from '../approvals/approval-request.js';
import { CodexError, ValidationError, type ValidationProblem } from '../errors.js';
import { ThreadBusyError } from '../loaded/thread-busy-error.js';
import { isPlainObject } from '../shapes.js';
import { after } from '../timers.js';
import type { StopReport } from '../turn/stop-report.js';
import type { Turn } from '../turn/turn.js';
import { shown } from '../validation.js';
import type { ChunkReader } from './chunk-reader.js';
import { uiMessageEvents } from './ui-message-response.js';
import { KeptChunks } from './kept-chunks.js';
import type { CodexUIMessageChunk } from './ui-message.js';
import { uiChunkReader, type UIMessageStreamOptions } from './ui-message-stream.js';

/** Options of {@link ChatTurns}. */
export interface ChatTurnsOptions extends UIMessageStreamOptions {
  /**
   * How long a turn continues without a reading client, in milliseconds, before it is interrupted. Defaults to no
   * limit.
   */
  readonly abandonedMs?: number;
  /**
   * How long a finished turn can still be read, in milliseconds, by a client that was resuming it when it ended.
   * Defaults to 10 seconds.
   */
  readonly keepMs?: number;
}

/**
 * The running turns of chats, by chat id: the server side of `useChat({ resume: true })`. A turn continues when its
 * client disconnects. A client that reconnects receives the whole answer from the beginning.
 *
 * The turns are in memory: a chat must reconnect to the process that runs its turn.
 *
 * @example
 * ```ts
 * const approvals = new QueuedApprovals({ timeoutMs: 15 * 60_000 });
 * await using chats = new ChatTurns({ approvals });
 *
 * const turn = codex.startThread({ approvals }).runStreamed('Why is the build red?');
 * const first = chats.respond('chat-7', turn); // POST /api/chat
 * await first.body?.cancel(); // the page is reloaded
 * const second = chats.resume('chat-7'); // GET /api/chat/chat-7/stream
 *
 * console.log((await second.text()).includes('A test fails.')); // true
 * console.log(chats.resume('chat-8').status); // 204
 * ```
 */
export class ChatTurns implements AsyncDisposable {
  readonly #options: ChatTurnsOptions;
  readonly #chats = new Map<string, Chat>();

  constructor(options: ChatTurnsOptions = {}) {
    this.#options = options;
  }

  /**
   * Starts the turn and returns its stream as the response to the request.
   *
   * @throws `ThreadBusyError` while another turn of the chat runs: codex-rs would queue it, and the client expects one answer
   * @throws `CodexError` `already-read` if the events of the turn were already requested
   */
  respond(chatId: string, turn: Turn<unknown>): Response {
    const threadId = this.#chats.get(chatId)?.threadId ?? null;
    if (this.isRunning(chatId)) throw new ThreadBusyError(threadId, { action: 'respond()' });
    this.#forget(chatId);
    const reader = uiChunkReader(turn, this.#options);
    const chat: Chat = { turn, threadId: null, chunks: new KeptChunks(), cancelTimer: null };
    this.#chats.set(chatId, chat);
    chat.over = this.#read(chatId, chat, reader);
    return this.#stream(chat);
  }

  /** Returns the response to a resume request: the stream of the chat's turn from its beginning, or 204 if none runs. */
  resume(chatId: string): Response {
    const chat = this.#chats.get(chatId);
    return chat === undefined ? new Response(null, { status: 204 }) : this.#stream(chat);
  }

  /** Returns whether a turn of the chat is running. */
  isRunning(chatId: string): boolean {
    return this.#chats.get(chatId)?.chunks.isOver === false;
  }

  /** Interrupts the turn of the chat. Resolves to null if none runs. */
  async stop(chatId: string): Promise<StopReport | null> {
    const chat = this.#chats.get(chatId);
    return chat === undefined || chat.chunks.isOver ? null : chat.turn.interrupt();
  }

  /**
   * Decides a pending approval of the chat's turn by the body of the client's request: `{ id, approved }`, with `id`
   * from `part.approval.id`, or `{ id, decision }` with one of the `decisions` of the request.
   *
   * @param answer - also accepts a `reason`, and `answers` to questions or for a form
   * @throws `ValidationError` if the body is not a valid answer
   * @throws `CodexError` `approval-not-pending` if the turn of this chat does not wait for it
   * @throws `CodexError` `decision-not-possible` if codex-rs does not honour the decision
   */
  decide(chatId: string, answer: unknown): void {
    const { id, reason, answers, ...decision } = approvalAnswer(answer);
    const { approvals } = this.#options;
    const threadId = this.#chats.get(chatId)?.threadId ?? null;
    const isWaiting = approvals?.pending({ threadId }).some((queued) => queued.id === id);
    if (approvals === undefined || threadId === null || isWaiting !== true)
      throw new CodexError(
        `Approval ${id} is not pending in chat ${chatId}: it was decided, it expired, or its turn ended.`,
        { code: 'approval-not-pending' },
      );
    approvals.decide(id, (request) =>
      request.decide(verdictOf(decision, request), { reason, answers }),
    );
  }

  /** Interrupts all turns and resolves when they have ended. Idempotent. */
  async close(): Promise<void> {
    const chats = [...this.#chats];
    await Promise.all(chats.map(async ([id]) => this.stop(id)));
    await Promise.all(chats.map(async ([, { over }]) => over));
    for (const [id] of chats) this.#forget(id);
  }

  /** Same as {@link ChatTurns.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #stream(chat: Chat): Response {
    chat.cancelTimer?.();
    chat.cancelTimer = null;
    return uiMessageEvents(
      chat.chunks.stream(() => {
        this.#left(chat);
      }),
    );
  }

  /** Called when a reader leaves. After the last one, the turn may be abandoned. */
  #left(chat: Chat): void {
    const { abandonedMs = Infinity } = this.#options;
    if (chat.chunks.readers > 0 || chat.chunks.isOver) return;
    chat.cancelTimer = after(abandonedMs, () => void chat.turn.interrupt());
  }

  async #read(chatId: string, chat: Chat, reader: ChunkReader<CodexUIMessageChunk>): Promise<void> {
    for (;;) {
      const chunk = await reader.next();
      if (chunk === null) break;
      if (chunk.type === 'start') chat.threadId = chunk.messageMetadata?.threadId ?? null;
      chat.chunks.push(chunk);
    }
    chat.chunks.end();
    chat.cancelTimer?.();
    chat.cancelTimer = after(this.#options.keepMs ?? 10_000, () => {
      if (this.#chats.get(chatId) === chat) this.#chats.delete(chatId);
    });
  }

  #forget(chatId: string): void {
    this.#chats.get(chatId)?.cancelTimer?.();
    this.#chats.delete(chatId);
  }
}

interface Chat {
  readonly turn: Turn<unknown>;
  readonly chunks: KeptChunks;
  threadId: string | null;
  /** Cancels the scheduled action for the chat. */
  cancelTimer: (() => void) | null;
  /** Resolves when the turn ends. */
  over?: Promise<void>;
}

interface ApprovalAnswer {
  readonly id: string;
  readonly approved?: boolean | undefined;
  readonly decision?: string | undefined;
  readonly reason?: string | undefined;
  readonly answers?: Readonly<Record<string, unknown>> | undefined;
}

function approvalAnswer(given: unknown): ApprovalAnswer {
  const { id, approved, decision, reason, answers } = isPlainObject(given) ? given : {};
  const problems: ValidationProblem[] = [];
  const check = (path: string, isFine: boolean, rule: string, value: unknown): void => {
    if (!isFine) problems.push({ path, reason: `must be ${rule}, got ${shown(value)}` });
  };
  check('', isPlainObject(given), 'an object', given);
  check('id', typeof id === 'string', 'text', id);
  if (decision === undefined)
    check('approved', typeof approved === 'boolean', 'a boolean', approved);
  else check('decision', typeof decision === 'string', 'text', decision);
  check('reason', reason === undefined || typeof reason === 'string', 'text', reason);
  check('answers', answers === undefined || isPlainObject(answers), 'an object', answers);
  if (problems.length > 0) throw new ValidationError('approval answer', problems);
  return { id, approved, decision, reason, answers } as ApprovalAnswer;
}

/** Returns the decision, derived from `approved` if necessary. For questions, approval means to answer them. */
function verdictOf(
  { approved, decision }: Pick<ApprovalAnswer, 'approved' | 'decision'>,
  { decisions }: ApprovalRequest,
): ApprovalVerdict {
  if (decision !== undefined) return decision as ApprovalVerdict;
  if (approved !== true) return 'deny';
  return decisions.includes('answer') ? 'answer' : 'allow';
}
