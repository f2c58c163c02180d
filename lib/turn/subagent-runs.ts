import { Deferred } from '../deferred.js';
import type { ServerNotification } from '../protocol/index.js';
import { added, breakdown, UsageMeter, type TurnUsage } from './usage.js';

/** A turn of a sub-agent that runs now. */
export interface SubagentRun {
  readonly threadId: string;
  readonly turnId: string;
  /** The commands it has started. */
  readonly commandIds: ReadonlySet<string>;
  /** It is over. */
  readonly ended: Deferred;
}

/** The activity and usage of the sub-agents of one turn. */
export class SubagentRuns {
  readonly #meters = new Map<string, UsageMeter>();
  readonly #running = new Map<string, SubagentRun & { readonly commandIds: Set<string> }>();

  /** The usage of each since the turn began, by thread id. */
  get usage(): Readonly<Record<string, TurnUsage>> {
    const spent = [...this.#meters].flatMap(([threadId, { turn }]) =>
      turn === null ? [] : [[threadId, turn] as const],
    );
    return Object.freeze(Object.fromEntries(spent));
  }

  /** Their total usage. */
  get spent(): TurnUsage {
    return Object.values(this.usage).reduce(added, breakdown({}));
  }

  /** The turns that run now. */
  get running(): readonly SubagentRun[] {
    return [...this.#running.values()];
  }

  /** Accepts a notification of a sub-agent's thread. */
  accept(threadId: string, { method, params }: ServerNotification): void {
    switch (method) {
      case 'turn/started':
        this.#running.set(threadId, {
          threadId,
          turnId: params.turn.id,
          commandIds: new Set(),
          ended: new Deferred(),
        });
        return;
      case 'turn/completed':
        this.#running.get(threadId)?.ended.resolve();
        this.#running.delete(threadId);
        return;
      case 'item/started':
        if (params.item.type === 'commandExecution')
          this.#running.get(threadId)?.commandIds.add(params.item.id);
        return;
      case 'thread/tokenUsage/updated': {
        // A sub-agent of an earlier turn has earlier usage: only usage reported from now on counts.
        const meter = this.#meters.get(threadId) ?? new UsageMeter(null);
        this.#meters.set(threadId, meter);
        meter.accept(params.tokenUsage);
        return;
      }
      default:
    }
  }
}
