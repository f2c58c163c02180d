import type { FileUpdateChange, ServerNotification } from '../protocol/index.js';

/** Stores the changes of every file change in progress, because the approval request does not include them. */
export class ProposedChanges {
  readonly #proposals = new Map<string, Proposal>();

  /** Accepts a notification, in wire order. */
  accept(notification: ServerNotification): void {
    switch (notification.method) {
      case 'item/started': {
        const { threadId, turnId, item } = notification.params;
        if (item.type === 'fileChange') this.#keep(threadId, turnId, item.id, item.changes);
        return;
      }
      case 'item/fileChange/patchUpdated': {
        const { threadId, turnId, itemId, changes } = notification.params;
        this.#keep(threadId, turnId, itemId, changes);
        return;
      }
      case 'item/completed': {
        const { threadId, item } = notification.params;
        if (item.type === 'fileChange') this.#proposals.delete(keyOf(threadId, item.id));
        return;
      }
      case 'turn/completed': {
        const { threadId, turn } = notification.params;
        // A cancelled file change never completes.
        this.#forget((proposal) => proposal.threadId === threadId && proposal.turnId === turn.id);
        return;
      }
      case 'thread/closed': {
        const { threadId } = notification.params;
        this.#forget((proposal) => proposal.threadId === threadId);
        return;
      }
      default:
    }
  }

  /** Returns the changes that an item proposes, or null if it is not in progress. */
  of(threadId: string, itemId: string): readonly FileUpdateChange[] | null {
    return this.#proposals.get(keyOf(threadId, itemId))?.changes ?? null;
  }

  #keep(
    threadId: string,
    turnId: string,
    itemId: string,
    changes: readonly FileUpdateChange[],
  ): void {
    this.#proposals.set(keyOf(threadId, itemId), { threadId, turnId, changes });
  }

  #forget(isOver: (proposal: Proposal) => boolean): void {
    for (const [key, proposal] of this.#proposals)
      if (isOver(proposal)) this.#proposals.delete(key);
  }
}

interface Proposal {
  readonly threadId: string;
  readonly turnId: string;
  readonly changes: readonly FileUpdateChange[];
}

/** Providers assign item ids, so two threads may use the same id. */
function keyOf(threadId: string, itemId: string): string {
  return `${threadId} ${itemId}`;
}
