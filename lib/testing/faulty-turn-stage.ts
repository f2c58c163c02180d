import type {
  ServerNotifications,
  ThreadActiveFlag,
  ThreadItem,
  TokenUsageBreakdown,
  Turn,
  TurnError,
  UserInput,
} from '../protocol/index.js';
import { timers } from '../timers.js';
import { FaultyIds } from './faulty-ids.js';
import type { FaultySession } from './faulty-session.js';
import type { FaultyThread } from './faulty-thread.js';
import type { FaultyTurnError } from './faulty-step.js';

/** Methods whose params name the turn they belong to. */
type TurnMethod = {
  [M in keyof ServerNotifications]: ServerNotifications[M] extends {
    threadId: string;
    turnId: string;
  }
    ? M
    : never;
}[keyof ServerNotifications];

/** Says what happens in one turn, and remembers what codex-rs would remember of it. @internal */
export class FaultyTurnStage {
  /** The turn as it is now. */
  readonly turn: Turn;
  /** The turn as `turn/start` answers it, whenever that is: not yet begun. */
  readonly fresh: Turn;
  readonly #session: FaultySession;
  readonly #thread: FaultyThread;
  #lastMessage: ThreadItem | null = null;
  #beganAtMs = 0;

  constructor(session: FaultySession, thread: FaultyThread, rootTurnId: string | null) {
    const id = FaultyIds.next();
    this.#session = session;
    this.#thread = thread;
    this.turn = {
      id,
      rootTurnId: rootTurnId ?? id,
      items: [],
      itemsView: 'notLoaded',
      status: 'inProgress',
      error: null,
      startedAt: null,
      completedAt: null,
      durationMs: null,
    };
    this.fresh = { ...this.turn, items: [] };
  }

  /** The turn begins. */
  begin(): void {
    this.#beganAtMs = timers.Date.now();
    this.turn.startedAt = Math.floor(this.#beganAtMs / 1000);
    this.turn.itemsView = 'full';
    this.#thread.addTurn(this.turn);
    this.flag();
    const { startedAt } = this.turn;
    const turn: Turn = { ...this.fresh, startedAt };
    this.#notify('turn/started', { threadId: this.#thread.id, turn });
  }

  /** The thread is active, and perhaps waits for the client. */
  flag(...activeFlags: ThreadActiveFlag[]): void {
    this.#thread.setStatus({ type: 'active', activeFlags });
  }

  /** Sends a notification that belongs to this turn. */
  say<M extends TurnMethod>(
    method: M,
    params: Omit<ServerNotifications[M], 'threadId' | 'turnId'>,
  ): void {
    const ids = { threadId: this.#thread.id, turnId: this.turn.id };
    this.#notify(method, { ...ids, ...params } as unknown as ServerNotifications[M]);
  }

  /** What a user says appears in the turn. */
  userMessage(input: readonly UserInput[], clientId: string | null): void {
    const content = input.map((part) =>
      part.type === 'text' ? { ...part, text_elements: [...texts(part)] } : part,
    );
    const item: ThreadItem = { type: 'userMessage', id: FaultyIds.next(), clientId, content };
    const { thread } = this.#thread.record;
    const text = input.find((part) => part.type === 'text');
    if (thread.preview === '' && text) thread.preview = text.text;
    this.completed(this.started(item));
  }

  /** An item begins. */
  started<T extends ThreadItem>(item: T): T {
    const startedAtMs = timers.Date.now();
    const timed = { ...item, startedAtMs, completedAtMs: null };
    this.say('item/started', { item: timed, startedAtMs });
    return timed;
  }

  /** An item is done: only now it is remembered. */
  completed(item: ThreadItem): void {
    const completedAtMs = timers.Date.now();
    const timed: ThreadItem = { ...item, completedAtMs };
    if (timed.type === 'agentMessage') this.#lastMessage = timed;
    this.turn.items.push(timed);
    this.#thread.save();
    this.say('item/completed', { item: timed, contentTokenCount: null, completedAtMs });
  }

  /** One model request has used tokens. */
  usage(usage: Partial<TokenUsageBreakdown> = {}): void {
    this.#thread.addUsage(this.turn.id, { ...usualUsage, ...usage });
    this.#notify('account/rateLimits/updated', { rateLimits: noLimits });
  }

  /** codex-rs says that it tries again. */
  retries(error: FaultyTurnError): void {
    this.say('error', { error: turnError(error), willRetry: true });
  }

  /** The turn ends well. */
  complete(): void {
    this.#end('completed');
    this.#readStateChanged();
    this.#thread.setStatus({ type: 'idle' });
    this.#announceEnd(this.#lastMessage ? [this.#lastMessage] : []);
  }

  /** The turn is cut off. */
  interrupted(): void {
    this.#end('interrupted');
    this.#thread.setStatus({ type: 'idle' });
    this.#announceEnd([]);
  }

  /** The turn fails. */
  fail(error: FaultyTurnError): void {
    this.turn.error = turnError(error);
    this.#end('failed');
    this.#thread.setStatus({ type: 'systemError' });
    this.say('error', { error: this.turn.error, willRetry: false });
    this.#readStateChanged();
    this.#announceEnd([]);
  }

  #end(status: Turn['status']): void {
    const now = timers.Date.now();
    this.turn.status = status;
    this.turn.completedAt = Math.floor(now / 1000);
    this.turn.durationMs = now - this.#beganAtMs;
    this.#thread.save();
  }

  #announceEnd(items: ThreadItem[]): void {
    const itemsView = items.length > 0 ? 'summary' : 'notLoaded';
    this.#notify('turn/completed', {
      threadId: this.#thread.id,
      turn: { ...this.turn, items, itemsView },
    });
  }

  #readStateChanged(): void {
    const { record, id: threadId } = this.#thread;
    const firstUnread = record.readState?.firstUnread ?? { type: 'turn', turnId: this.turn.id };
    record.readState = { firstUnread, revision: FaultyIds.next() };
    this.#thread.save();
    this.#notify('thread/readState/changed', { threadId, readState: record.readState });
  }

  /** A client that unsubscribed hears no more of the turn. */
  #notify<M extends keyof ServerNotifications>(method: M, params: ServerNotifications[M]): void {
    if (this.#thread.isSubscribed) this.#session.wire.notify(method, params);
  }
}

const usualUsage: TokenUsageBreakdown = {
  totalTokens: 106,
  inputTokens: 101,
  cachedInputTokens: 20,
  cacheWriteInputTokens: 0,
  outputTokens: 5,
  reasoningOutputTokens: 1,
};

const noLimits: ServerNotifications['account/rateLimits/updated']['rateLimits'] = {
  limitId: 'codex',
  limitName: null,
  normalModelSlug: null,
  primary: null,
  secondary: null,
  credits: null,
  individualLimit: null,
  spendControlReached: null,
  planType: null,
  rateLimitReachedType: null,
};

/** Clients may leave the text elements out; codex-rs fills them in. */
function texts(part: Extract<UserInput, { type: 'text' }>): typeof part.text_elements {
  return (part as Partial<typeof part>).text_elements ?? [];
}

function turnError(error: FaultyTurnError): TurnError {
  return {
    message: error.message,
    codexErrorInfo: error.codexErrorInfo ?? 'other',
    additionalDetails: error.additionalDetails ?? null,
    misalignment: null,
  };
}
