import type { FileUpdateChange, ServerNotification } from '../protocol/index.js';

/** Remembers the changes of every file change that is under way: the request to approve one comes without them. */
export class ProposedChanges {
  readonly #proposals = new Map<string, Proposal>();

  /** Takes in a notification, in wire order. */
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
        // A file change that was cancelled never completes.
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

  /** The changes that an item proposes, or null when it is not under way. */
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

/** Item ids are the provider's: two threads may have the same. */
function keyOf(threadId: string, itemId: string): string {
  return `${threadId} ${itemId}`;
}
