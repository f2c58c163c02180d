import type { ContenderName } from './contender.js';
import { quantile, type Samples } from './samples.js';

const shown: readonly [metric: string, title: string, unit: string][] = [
  ['cold: import to first turn done, ms', 'First turn of a program', 'ms'],
  ['warm turn, ms', 'A later turn', 'ms'],
  ['first text of a 2 s stream, ms', 'First text of an answer that takes 2 s', 'ms'],
  ['32 threads at once, ms', '32 threads at once', 'ms'],
  ['32 threads at once: memory, MiB', 'Memory of 32 threads, all processes', 'MiB'],
];
const contenders: readonly ContenderName[] = [
  'codex-threads',
  'official SDK',
  'Python client',
  'AI SDK provider',
];
const width = 760;
const [left, right] = [150, 90];
const [rowHeight, titleHeight, gap] = [20, 30, 14];

/** The medians of user-visible metrics, as bars for each client. Shorter is better. */
export function chart(samples: Samples): string {
  let y = 8;
  const groups = shown.flatMap(([metric, title, unit]) => {
    const bars = contenders.flatMap((contender) => {
      const values = samples.values(metric, contender);
      return values.length === 0 ? [] : [{ contender, value: quantile(values, 0.5) }];
    });
    if (bars.length === 0) return [];
    const most = Math.max(...bars.map(({ value }) => value));
    const scale = (width - left - right) / most;
    const top = y;
    y += titleHeight + bars.length * rowHeight + gap;
    const rows = bars.map(({ contender, value }, row) => {
      const middle = top + titleHeight + row * rowHeight + rowHeight / 2;
      const own = contender === 'codex-threads' ? ' class="own"' : '';
      const number = value.toLocaleString('en', { maximumFractionDigits: 0 });
      return `<text x="${left - 8}" y="${middle}" text-anchor="end"${own}>${contender}</text>
<rect x="${left}" y="${middle - 7}" width="${(value * scale).toFixed(1)}" height="14" rx="2"${own}/>
<text x="${(left + value * scale + 6).toFixed(1)}" y="${middle}"${own}>${number} ${unit}</text>`;
    });
    return [`<text x="8" y="${top + 18}" class="title">${title}</text>\n${rows.join('\n')}`];
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" role="img" aria-label="Time and memory of four clients of codex-rs; shorter is better">
<style>
text { font: 13px system-ui, sans-serif; fill: #57606a; dominant-baseline: central; }
text.title { font-weight: 600; fill: #1f2328; }
text.own { font-weight: 600; fill: #1f2328; }
rect { fill: #b6bec8; }
rect.own { fill: #0a7d5a; }
@media (prefers-color-scheme: dark) {
  text { fill: #9198a1; }
  text.title, text.own { fill: #f0f6fc; }
  rect { fill: #4b535d; }
  rect.own { fill: #3fb98f; }
}
</style>
${groups.join('\n')}
</svg>
`;
}
