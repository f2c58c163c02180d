import type { Thread, Turn, TurnItemsView, TurnsPage } from '../protocol/index.js';
import { FaultyIds } from './faulty-ids.js';
import { FaultyRefusal } from './faulty-refusal.js';
import type { FaultySession } from './faulty-session.js';
import { FaultyThread } from './faulty-thread.js';
import type { FaultyThreadRecord, FaultyTurnRecord } from './faulty-thread-record.js';

/** How a page of turns is asked for. @internal */
export interface FaultyPageOrder {
  readonly cursor?: string | null;
  readonly limit?: number | null;
  readonly sortDirection?: 'asc' | 'desc' | null;
  readonly itemsView?: TurnItemsView | null;
}

/** Finds threads, loaded here or only remembered, and shows their turns. @internal */
export class FaultyLibrary {
  readonly #session: FaultySession;

  constructor(session: FaultySession) {
    this.#session = session;
  }

  /** A thread that is loaded here. */
  loaded(threadId: string): FaultyThread {
    wellFormed(threadId);
    const thread = this.#session.threads.get(threadId);
    if (!thread) throw new FaultyRefusal(`thread not found: ${threadId}`);
    return thread;
  }

  /** A thread that can be read, loaded or not. */
  readable(threadId: string): FaultyThreadRecord {
    wellFormed(threadId);
    const record = this.find(threadId);
    if (!record) throw new FaultyRefusal(`thread not loaded: ${threadId}`);
    return record;
  }

  /** A thread that has a rollout. */
  rollout(threadId: string, kind: 'thread' | 'session' = 'thread'): FaultyThreadRecord {
    wellFormed(threadId, kind);
    const record = this.find(threadId);
    if (!record?.isMaterialised || record.thread.ephemeral)
      throw new FaultyRefusal(`no rollout found for thread id ${threadId}`);
    return record;
  }

  /** A thread's history, or null. */
  find(threadId: string): FaultyThreadRecord | null {
    return this.#session.threads.get(threadId)?.record ?? this.#session.world.load(threadId);
  }

  /** Stores a change of a thread that need not be loaded. */
  keep(record: FaultyThreadRecord): void {
    const loaded = this.#session.threads.get(record.thread.id);
    if (loaded) loaded.save();
    else if (!this.#session.wire.isSilent) this.#session.world.save(record);
  }

  /** Takes the writer lock, or refuses as codex-rs does. */
  own(threadId: string): void {
    if (!this.#session.world.lock(threadId, this.#session.generation))
      throw new FaultyRefusal(`thread ${threadId} already has an active writer`);
  }

  /** A thread as the protocol shows it. */
  view(record: FaultyThreadRecord, turns: Turn[] = []): Thread {
    const loaded = this.#session.threads.get(record.thread.id);
    return FaultyThread.viewOf(record, loaded?.status ?? { type: 'notLoaded' }, turns);
  }

  /** All its turns with all their items. */
  turns(record: FaultyThreadRecord): Turn[] {
    return record.turns.map((stored) => this.#turnOf(record, stored, 'full'));
  }

  /** Some of its turns, the newest first unless asked otherwise. */
  page(record: FaultyThreadRecord, order: FaultyPageOrder): TurnsPage {
    const { limit, sortDirection, itemsView, cursor } = order;
    const isAscending = sortDirection === 'asc';
    const sorted = isAscending ? [...record.turns] : [...record.turns].reverse();
    const rest = sorted.filter((stored) => isBehind(stored.ordinal, cursor, isAscending));
    const some = rest.slice(0, limit ?? 25);
    const first = some.at(0);
    const last = some.at(-1);
    return {
      data: some.map((stored) => this.#turnOf(record, stored, itemsView ?? 'summary')),
      nextCursor:
        last && some.length < rest.length ? cursorOf(record.thread.id, last, false) : null,
      backwardsCursor: first ? cursorOf(record.thread.id, first, true) : null,
    };
  }

  #turnOf(record: FaultyThreadRecord, stored: FaultyTurnRecord, itemsView: TurnItemsView): Turn {
    const isOurs = this.#session.threads.has(record.thread.id);
    const { turn } = stored;
    // Whoever does not run a turn takes it for cut off: codex-rs cannot tell either.
    const status = turn.status === 'inProgress' && !isOurs ? 'interrupted' : turn.status;
    return { ...turn, status, items: itemsIn(turn, itemsView), itemsView };
  }
}

function wellFormed(threadId: string, kind: 'thread' | 'session' = 'thread'): void {
  const problem = FaultyIds.problem(threadId);
  if (problem !== null) throw new FaultyRefusal(`invalid ${kind} id: ${problem}`);
}

function itemsIn(turn: Turn, view: TurnItemsView): Turn['items'] {
  if (view === 'notLoaded') return [];
  if (view === 'full') return [...turn.items];
  const first = turn.items.find((item) => item.type === 'userMessage');
  const last = turn.items.findLast((item) => item.type === 'agentMessage');
  return [first, last].filter((item) => item !== undefined);
}

function cursorOf(
  requestedThreadId: string,
  stored: FaultyTurnRecord,
  includeAnchor: boolean,
): string {
  const { ordinal: rolloutOrdinal } = stored;
  return JSON.stringify({
    requestedThreadId,
    rolloutOrdinal,
    includeAnchor,
    scope: { kind: 'turns' },
  });
}

function isBehind(
  ordinal: number,
  cursor: string | null | undefined,
  isAscending: boolean,
): boolean {
  if (cursor === null || cursor === undefined) return true;
  const anchor = parseCursor(cursor);
  if (ordinal === anchor.rolloutOrdinal) return anchor.includeAnchor;
  return isAscending ? ordinal > anchor.rolloutOrdinal : ordinal < anchor.rolloutOrdinal;
}

function parseCursor(cursor: string): { rolloutOrdinal: number; includeAnchor: boolean } {
  try {
    return JSON.parse(cursor) as { rolloutOrdinal: number; includeAnchor: boolean };
  } catch {
    throw new FaultyRefusal(`invalid cursor: ${cursor}`);
  }
}
