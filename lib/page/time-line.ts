import type { RecordedTurn } from '../record/recorded-history.js';
import { markup, type Markup } from './markup.js';
import { kindOf } from './item-kind.js';
import { duration } from './wording.js';

const width = 1000;

/** Renders the times of a turn's items as a strip; null if they are not recorded. */
export function timeLine(turn: RecordedTurn): Markup | null {
  const spans = turn.items.flatMap((item) => {
    const { startedAtMs, completedAtMs } = item;
    if (typeof startedAtMs !== 'number' || typeof completedAtMs !== 'number') return [];
    return [{ kind: kindOf(item), type: item.type, start: startedAtMs, end: completedAtMs }];
  });
  const start = Math.min(...spans.map((span) => span.start));
  const total = Math.max(...spans.map(({ end }) => end)) - start;
  if (spans.length < 2 || !(total > 0)) return null;
  const drawn = new Set<string>();
  const rectangles = spans.flatMap(({ kind, type, start: from, end }) => {
    const x = Math.round(((from - start) / total) * (width - 4));
    const size = Math.max(4, Math.round(((end - from) / total) * width));
    const key = `${kind} ${x} ${size}`;
    // Thousands of short items may share a position.
    if (drawn.has(key)) return [];
    drawn.add(key);
    return [
      markup`<rect class="${kind}" x="${x}" y="0" width="${size}" height="10"><title>${type}, ${duration(end - from)}, after ${duration(from - start)}</title></rect>`,
    ];
  });
  return markup`<svg class="timeline" role="img" aria-label="Time line of the turn, ${duration(total)}" viewBox="0 0 ${width} 10" preserveAspectRatio="none">${rectangles}</svg>`;
}
