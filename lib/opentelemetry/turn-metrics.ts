import type { Attributes, Histogram, Meter } from '@opentelemetry/api';
import type { TurnEndMessage } from '../telemetry/turn-messages.js';

/** The bucket boundaries required by the semantic conventions: powers of four, and of two. */
const tokenBuckets = Array.from({ length: 14 }, (_, power) => 4 ** power);
const secondBuckets = Array.from({ length: 14 }, (_, power) => 2 ** power / 100);

/** Metrics of the token usage and duration of turns. */
export class TurnMetrics {
  readonly #tokens: Histogram;
  readonly #duration: Histogram;

  constructor(meter: Meter) {
    this.#tokens = meter.createHistogram('gen_ai.client.token.usage', {
      unit: '{token}',
      description: 'Tokens of a turn over all its model requests',
      advice: { explicitBucketBoundaries: tokenBuckets },
    });
    this.#duration = meter.createHistogram('gen_ai.client.operation.duration', {
      unit: 's',
      description: 'Duration of a turn',
      advice: { explicitBucketBoundaries: secondBuckets },
    });
  }

  /** Records a turn that ended. */
  record(message: TurnEndMessage, attributes: Attributes): void {
    const { inputTokens, outputTokens, durationMs, errorCode } = message;
    for (const [type, count] of [
      ['input', inputTokens],
      ['output', outputTokens],
    ] as const)
      if (count !== null) this.#tokens.record(count, { ...attributes, 'gen_ai.token.type': type });
    if (durationMs === null) return;
    const error = errorCode === null ? {} : { 'error.type': errorCode };
    this.#duration.record(durationMs / 1000, { ...attributes, ...error });
  }
}
