import type { TurnUsage } from '../turn/usage.js';
import { markup, type Markup } from './markup.js';
import { amount, duration } from './wording.js';

/** One turn in the chart. */
export interface ChartedTurn {
  readonly usage: TurnUsage | null;
  readonly durationMs: number | null;
}

/** With more bars than this, neighbouring turns share a bar to stay distinguishable. */
const mostBars = 90;
const height = 100;

/** Renders tokens and duration of each turn as bars; null if neither is known for any turn. */
export function usageChart(turns: readonly ChartedTurn[]): Markup | null {
  const bars = barsOf(turns);
  const mostTokens = Math.max(...bars.map(({ tokens }) => tokens));
  const mostMs = Math.max(...bars.map(({ ms }) => ms));
  if (!(mostTokens > 0) && !(mostMs > 0)) return null;
  return markup`<figure class="chart">
    ${
      mostTokens > 0
        ? markup`<figcaption><b>Tokens per turn</b><span class="legend"><span><i class="key cached"></i>cached input</span><span><i class="key input"></i>input</span><span><i class="key reasoning"></i>reasoning</span><span><i class="key output"></i>output</span></span><span class="most">most: ${amount(mostTokens)}</span></figcaption>
          ${drawing('Tokens per turn', bars, (bar, x) => tokenBar(bar, x, mostTokens))}`
        : markup`<figcaption><b>Tokens per turn</b><span class="most">not recorded</span></figcaption>`
    }
    ${
      mostMs > 0
        ? markup`<figcaption><b>Time per turn</b><span class="most">most: ${duration(mostMs)}</span></figcaption>
          ${drawing('Time per turn', bars, (bar, x) => [
            rectangle({ x, y: 0, size: scaled(bar.ms, mostMs), kind: 'time' }),
          ])}`
        : null
    }
    <div class="axis"><span>${bars[0]?.title ?? ''}</span><span>${bars.length > 1 ? (bars.at(-1)?.title ?? '') : ''}</span></div>
  </figure>`;
}

interface Bar {
  readonly title: string;
  readonly tokens: number;
  readonly parts: Readonly<Record<'cached' | 'input' | 'reasoning' | 'output', number>>;
  readonly ms: number;
}

function barsOf(turns: readonly ChartedTurn[]): readonly Bar[] {
  const each = Math.max(1, Math.ceil(turns.length / mostBars));
  return Array.from({ length: Math.ceil(turns.length / each) }, (_, index) => {
    const first = index * each;
    const group = turns.slice(first, first + each);
    const sum = (of: (turn: ChartedTurn) => number | undefined): number =>
      group.reduce((total, turn) => total + (of(turn) ?? 0), 0);
    const cached = sum(({ usage }) => usage?.cachedInputTokens);
    const reasoning = sum(({ usage }) => usage?.reasoningOutputTokens);
    return {
      title:
        group.length === 1 ? `Turn ${first + 1}` : `Turns ${first + 1}–${first + group.length}`,
      tokens: sum(({ usage }) => usage?.totalTokens),
      parts: {
        cached,
        input: sum(({ usage }) => usage?.inputTokens) - cached,
        reasoning,
        output: sum(({ usage }) => usage?.outputTokens) - reasoning,
      },
      ms: sum(({ durationMs }) => durationMs ?? 0),
    };
  });
}

function drawing(
  label: string,
  bars: readonly Bar[],
  draw: (bar: Bar, x: number) => readonly Markup[],
): Markup {
  const width = Math.max(bars.length, 12) * 10;
  return markup`<svg role="img" aria-label="${label}" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none">${bars.map(
    (bar, index) =>
      markup`<g><title>${bar.title}: ${amount(bar.tokens)} tokens, ${duration(bar.ms)}</title>${draw(bar, index * 10)}</g>`,
  )}</svg>`;
}

function tokenBar({ parts }: Bar, x: number, most: number): readonly Markup[] {
  let y = 0;
  return (['cached', 'input', 'reasoning', 'output'] as const).map((kind) => {
    const size = scaled(parts[kind], most);
    y += size;
    return rectangle({ x, y: y - size, size, kind });
  });
}

function scaled(value: number, most: number): number {
  return (Math.max(0, value) / most) * height;
}

function rectangle({
  x,
  y,
  size,
  kind,
}: {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly kind: string;
}): Markup {
  const top = (height - y - size).toFixed(2);
  return markup`<rect class="${kind}" x="${x + 1}" y="${top}" width="8" height="${size.toFixed(2)}"/>`;
}
