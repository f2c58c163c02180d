import type { MessagePhase } from '../protocol/index.js';
import type { TurnEvent } from '../turn/turn-events.js';

type Kind = 'text' | 'reasoning';

/** A piece of text or reasoning, in the form that the UI stream and the stream of a language model have in common. */
export type TextPart =
  | {
      readonly type: 'text-start';
      readonly id: string;
      readonly providerMetadata: { codex: { phase: MessagePhase | null } };
    }
  | { readonly type: 'reasoning-start'; readonly id: string }
  | { readonly type: 'text-delta' | 'reasoning-delta'; readonly id: string; readonly delta: string }
  | { readonly type: 'text-end' | 'reasoning-end'; readonly id: string };

/** Makes parts with a beginning and an end of the texts of a turn. */
export class TextParts {
  /** The parts that have begun, by their id, with the item each belongs to. */
  readonly #open = new Map<string, { readonly kind: Kind; readonly itemId: string }>();

  /** The pieces that an event adds; none for an event of another kind. */
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

  /** More of the text of a message. */
  text(itemId: string, delta: string, phase: MessagePhase | null): readonly TextPart[] {
    if (delta === '') return [];
    const providerMetadata = { codex: { phase } };
    const start: readonly TextPart[] = this.#begin('text', itemId, itemId)
      ? [{ type: 'text-start', id: itemId, providerMetadata }]
      : [];
    return [...start, { type: 'text-delta', id: itemId, delta }];
  }

  /** More of a message that is passed on as reasoning. */
  aside(itemId: string, delta: string): readonly TextPart[] {
    return this.#reasoning(itemId, 'message', delta);
  }

  /** The whole text of a message, as one part that has ended. The part that had begun is forgotten. */
  whole(itemId: string, text: string, phase: MessagePhase | null): readonly TextPart[] {
    this.#open.delete(itemId);
    const parts = this.text(itemId, text, phase);
    return [...parts, ...this.endOf(itemId)];
  }

  /** Ends all that has begun. */
  end(): readonly TextPart[] {
    const ends = [...this.#open].map(([id, { kind }]) => endOf(kind, id));
    this.#open.clear();
    return ends;
  }

  #reasoning(itemId: string, place: string, delta: string): readonly TextPart[] {
    if (delta === '') return [];
    const id = `${itemId}/${place}`;
    const isNew = !this.#open.has(id);
    // A summary has several parts, one after the other.
    const ends = isNew ? this.endOf(itemId) : [];
    if (isNew) this.#begin('reasoning', id, itemId);
    const start: readonly TextPart[] = isNew ? [{ type: 'reasoning-start', id }] : [];
    return [...ends, ...start, { type: 'reasoning-delta', id, delta }];
  }

  /** Gives whether the part is new. */
  #begin(kind: Kind, id: string, itemId: string): boolean {
    if (this.#open.has(id)) return false;
    this.#open.set(id, { kind, itemId });
    return true;
  }

  /** Ends what an item has begun. */
  endOf(itemId: string): readonly TextPart[] {
    const ended = [...this.#open].filter(([, part]) => part.itemId === itemId);
    for (const [id] of ended) this.#open.delete(id);
    return ended.map(([id, { kind }]) => endOf(kind, id));
  }
}

function endOf(kind: Kind, id: string): TextPart {
  return { type: `${kind}-end`, id };
}
