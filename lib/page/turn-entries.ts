import type { RecordedItem, RecordedTurn } from '../record/recorded-history.js';
import type { RecordedCall, TurnDetails } from './thread-export.js';

/** An entry of a turn: an item of the history, or a call of the model without an item. */
export type TurnEntry = { readonly item: RecordedItem['item'] } | { readonly call: RecordedCall };

/** Returns the items of a turn and the calls without an item, in the order of their start. */
export function turnEntries(turn: RecordedTurn, details: TurnDetails | null): readonly TurnEntry[] {
  const calls = [...(details?.calls ?? [])];
  const entries: TurnEntry[] = [];
  for (const item of turn.items) {
    const { startedAtMs = null } = item;
    const later = calls.findIndex(({ atMs }) => (atMs ?? Infinity) >= (startedAtMs ?? -Infinity));
    const earlier = calls.splice(0, later === -1 ? calls.length : later);
    entries.push(...earlier.map((call) => ({ call })), { item });
  }
  return [...entries, ...calls.map((call) => ({ call }))];
}
