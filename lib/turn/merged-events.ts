import type { TurnEvent } from './turn-events.js';

/**
 * Adds an event to the buffer of a slow reader. Deltas of one item are merged, and only the newest diff of the turn is
 * kept, so the buffer is bounded by the turn's finished content.
 */
export function mergeEvent(waiting: TurnEvent[], event: TurnEvent): void {
  if (isDelta(event) && join(waiting, event)) return;
  // Each diff covers the whole turn, so the earlier one is redundant.
  const old =
    event.type === 'turn.diff' ? waiting.findLastIndex(({ type }) => type === event.type) : -1;
  if (old >= 0) waiting.splice(old, 1);
  waiting.push(event);
}

/**
 * Whether the delta was merged into a buffered event. Deltas of several items are interleaved; a delta is never moved
 * before another kind of event.
 */
function join(waiting: TurnEvent[], event: Delta): boolean {
  for (let index = waiting.length - 1; index >= 0; index -= 1) {
    const earlier = waiting[index];
    if (earlier === undefined || !isDelta(earlier)) return false;
    if (!areOfOneText(earlier, event)) continue;
    waiting[index] = joined(earlier, event);
    return true;
  }
  return false;
}

type Delta = Extract<
  TurnEvent,
  { readonly type: 'text.delta' | 'command.output' | 'reasoning.delta' | 'subagent.event' }
>;

/** Whether it is a delta of text. */
function isDelta(event: TurnEvent): event is Delta {
  switch (event.type) {
    case 'text.delta':
    case 'command.output':
    case 'reasoning.delta':
      return true;
    case 'subagent.event':
      return hasDelta(event.params);
    default:
      return false;
  }
}

function areOfOneText(earlier: Delta, event: Delta): boolean {
  switch (event.type) {
    case 'text.delta':
    case 'command.output':
      return earlier.type === event.type && earlier.itemId === event.itemId;
    case 'reasoning.delta':
      return (
        earlier.type === event.type &&
        earlier.itemId === event.itemId &&
        earlier.part === event.part &&
        earlier.index === event.index
      );
    case 'subagent.event':
      return (
        earlier.type === event.type &&
        earlier.method === event.method &&
        withoutDelta(earlier.params) === withoutDelta(event.params)
      );
  }
}

function joined(earlier: TurnEvent, event: TurnEvent): TurnEvent {
  if ('text' in earlier && 'text' in event) return { ...event, text: earlier.text + event.text };
  if (earlier.type !== 'subagent.event' || event.type !== 'subagent.event') return event;
  if (!hasDelta(earlier.params) || !hasDelta(event.params)) return event;
  const delta = earlier.params.delta + event.params.delta;
  return { ...event, params: { ...event.params, delta } };
}

/** Whether it is a delta. */
export function hasDelta(params: unknown): params is { readonly delta: string } {
  return (
    typeof params === 'object' &&
    params !== null &&
    'delta' in params &&
    typeof params.delta === 'string'
  );
}

function withoutDelta(params: unknown): string {
  return JSON.stringify({ ...(params as object), delta: null });
}
