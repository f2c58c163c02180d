import type { MessagePhase } from '../protocol/index.js';
import type { TurnEvent } from '../turn/turn-events.js';

type Kind = 'text' | 'reasoning';

/** A piece of text or reasoning, in the common form of the UI stream and the language model stream. */
export type TextPart =
  | {
      readonly type: 'text-start';
      readonly id: string;
      readonly providerMetadata: { codex: { phase: MessagePhase | null } };
    }
  | { readonly type: 'reasoning-start'; readonly id: string }
  | { readonly type: 'text-delta' | 'reasoning-delta'; readonly id: string; readonly delta: string }
  | { readonly type: 'text-end' | 'reasoning-end'; readonly id: string };

/** Converts the texts of a turn to parts with a start and an end. */
export class TextParts {
  /** The open parts by their id, each with its item. */
  readonly #open = new Map<string, { readonly kind: Kind; readonly itemId: string }>();

  /** Returns the pieces for an event; empty for other kinds of events. */
  accept(event: TurnEvent): readonly TextPart[] {
    switch (event.type) {
      case 'text.delta':
        return this.text(event.itemId, event.text, event.phase);
      case 'reasoning.delta':
        return this.#reasoning(event.itemId, `${event.part}-${event.index}`, event.text);
      case 'item.completed':
        return this.endOf(event.item.id);
      default:
        return [];
    }
  }

  /** Adds text of a message. */
  text(itemId: string, delta: string, phase: MessagePhase | null): readonly TextPart[] {
    if (delta === '') return [];
    const providerMetadata = { codex: { phase } };
    const start: readonly TextPart[] = this.#begin('text', itemId, itemId)
      ? [{ type: 'text-start', id: itemId, providerMetadata }]
      : [];
    return [...start, { type: 'text-delta', id: itemId, delta }];
  }

  /** Adds text of a message that is forwarded as reasoning. */
  aside(itemId: string, delta: string): readonly TextPart[] {
    return this.#reasoning(itemId, 'message', delta);
  }

  /** Returns the whole text of a message as one ended part. An open part of the message is discarded. */
  whole(itemId: string, text: string, phase: MessagePhase | null): readonly TextPart[] {
    this.#open.delete(itemId);
    const parts = this.text(itemId, text, phase);
    return [...parts, ...this.endOf(itemId)];
  }

  /** Ends all open parts. */
  end(): readonly TextPart[] {
    const ends = [...this.#open].map(([id, { kind }]) => endOf(kind, id));
    this.#open.clear();
    return ends;
  }

  #reasoning(itemId: string, place: string, delta: string): readonly TextPart[] {
    if (delta === '') return [];
    const id = `${itemId}/${place}`;
    const isNew = !this.#open.has(id);
    // A summary has several consecutive parts.
    const ends = isNew ? this.endOf(itemId) : [];
    if (isNew) this.#begin('reasoning', id, itemId);
    const start: readonly TextPart[] = isNew ? [{ type: 'reasoning-start', id }] : [];
    return [...ends, ...start, { type: 'reasoning-delta', id, delta }];
  }

  /** Opens the part and returns whether it is new. */
  #begin(kind: Kind, id: string, itemId: string): boolean {
    if (this.#open.has(id)) return false;
    this.#open.set(id, { kind, itemId });
    return true;
  }

  /** Ends the open parts of an item. */
  endOf(itemId: string): readonly TextPart[] {
    const ended = [...this.#open].filter(([, part]) => part.itemId === itemId);
    for (const [id] of ended) this.#open.delete(id);
    return ended.map(([id, { kind }]) => endOf(kind, id));
  }
}

function endOf(kind: Kind, id: string): TextPart {
  return { type: `${kind}-end`, id };
}
