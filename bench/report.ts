import { cpus } from 'node:os';
import { format } from 'prettier';
import { contenderNames } from './contender.js';
import { outcomes, type Outcome } from './goals.js';
import { quantile, type Samples } from './samples.js';
import { peerVersion } from './installed-peers.js';
import { pythonClientVersion } from './python-client.js';

/** The unit at the end of a metric. */
const unit = /, [a-zµ]+$/i;

/** The results as Markdown: every metric of every contender, and the goals. */
export async function report(samples: Samples, codexVersion: string): Promise<string> {
  const text = `
# Benchmark

Written by \`npm run bench\`; do not edit. ${cpus().length} processor cores (${process.platform} ${process.arch}), Node ${process.versions.node},
codex-rs ${codexVersion} for all; \`@openai/codex-sdk\` ${peerVersion('@openai/codex-sdk')}, \`openai-codex\` ${pythonClientVersion()} for Python, \`ai-sdk-provider-codex-cli\` ${peerVersion('ai-sdk-provider-codex-cli')} with \`ai\` ${peerVersion('ai')}. A model on the loopback interface answers at
once: with a real model, the differences in milliseconds stay the same and the factors become smaller. Absolute numbers vary
by a third from run to run. The ratios are calculated round by round, so they vary less.

- **codex-threads**: this package, as built. **raw**: the fewest requests that run a turn on one \`codex app-server\`, with
  the same settings and without any checks: the lower limit for this package.
- **ephemeral**: with threads that codex-rs keeps only in memory.
- **over a WebSocket**: with a \`codex app-server\` that listens on the loopback interface, through \`WebSocketTransport\`.
- **official SDK**: one \`codex exec\` process per turn.
- **Python client**: the published client, on one \`codex app-server\`. **AI SDK provider**: its app-server mode with
  persisted threads; it needs Node 22.

## Goals

${table(['', 'of', 'against', 'goal', 'measured (middle half of the rounds)', ''], outcomes(samples).map(goalRow))}

${missesOf(outcomes(samples))}## Numbers

Medians, with the 95th percentile in parentheses.

${table(['', ...contenderNames], samples.metrics.map(metricRow(samples)))}
`;
  return format(text, { parser: 'markdown', proseWrap: 'preserve' });
}

/** The known causes of missed goals. */
function missesOf(all: readonly Outcome[]): string {
  const missed = all.filter(({ isMet }) => !isMet);
  if (missed.length === 0) return '';
  const lines = missed.map(
    ({ metric, against, cause = 'unknown.' }) =>
      `- **${metric.replace(unit, '')}${against === null ? '' : `, against ${against}`}**: ${cause}`,
  );
  return `### Missed goals and their causes\n\n${lines.join('\n')}\n\n`;
}

function goalRow({
  metric,
  of = 'codex-threads',
  limit,
  median,
  low,
  high,
  ...rest
}: Outcome): string[] {
  const { against, againstMetric, isMet } = rest;
  const isRatio = against !== null || againstMetric !== undefined;
  const shown = isRatio ? ratio : number;
  return [
    metric.replace(unit, isRatio ? '' : '$&'),
    of,
    against ?? againstMetric?.replace(unit, '') ?? '',
    `≤ ${shown(limit)}`,
    `${shown(median)} (${shown(low)} to ${shown(high)})`,
    isMet ? 'met' : '**missed**',
  ];
}

function metricRow(samples: Samples): (metric: string) => string[] {
  return (metric) => [
    metric,
    ...contenderNames.map((contender) => {
      const values = samples.values(metric, contender);
      if (values.length === 0) return '';
      return `${number(quantile(values, 0.5))} (${number(quantile(values, 0.95))})`;
    }),
  ];
}

function number(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 1 : 0 });
}

function ratio(value: number): string {
  return `× ${value.toFixed(2)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
