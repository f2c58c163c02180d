import type { ContenderName } from './contender.js';

/** One measured value. */
export interface Sample {
  readonly metric: string;
  readonly contender: ContenderName;
  /** Samples of one round follow each other immediately, so they can be compared. */
  readonly round: number;
  readonly value: number;
}

/** The other side of a metric's comparison. */
export interface Comparison {
  /** @defaultValue the same contender */
  readonly other?: ContenderName | undefined;
  /** @defaultValue the same metric */
  readonly otherMetric?: string | undefined;
}

/** All samples. */
export class Samples {
  readonly #samples: Sample[] = [];

  /** The metrics with samples, in the order of their first sample. */
  get metrics(): readonly string[] {
    return [...new Set(this.#samples.map(({ metric }) => metric))];
  }

  /** All samples, in the order in which they were taken. */
  get all(): readonly Sample[] {
    return this.#samples;
  }

  /** Adds samples. */
  add(...samples: readonly Sample[]): void {
    this.#samples.push(...samples);
  }

  /** The values of a metric for a contender, in ascending order. */
  values(metric: string, contender: ContenderName): readonly number[] {
    return sorted(this.#of(metric, contender).map(({ value }) => value));
  }

  /** The ratio of the first contender's median to the second's for each round, in ascending order. */
  ratios(
    metric: string,
    contender: ContenderName,
    { other = contender, otherMetric = metric }: Comparison,
  ): readonly number[] {
    const ratios = [...this.#byRound(metric, contender)].flatMap(([round, values]) => {
      const others = this.#byRound(otherMetric, other).get(round);
      return others === undefined ? [] : [quantile(values, 0.5) / quantile(others, 0.5)];
    });
    return sorted(ratios);
  }

  #of(metric: string, contender: ContenderName): readonly Sample[] {
    return this.#samples.filter(
      (sample) => sample.metric === metric && sample.contender === contender,
    );
  }

  #byRound(metric: string, contender: ContenderName): Map<number, number[]> {
    const rounds = new Map<number, number[]>();
    for (const { round, value } of this.#of(metric, contender))
      rounds.set(round, sorted([...(rounds.get(round) ?? []), value]));
    return rounds;
  }
}

/** The quantile of sorted values: the value that this fraction of them does not exceed. */
export function quantile(values: readonly number[], part: number): number {
  const place = (values.length - 1) * part;
  const low = values[Math.floor(place)] ?? NaN;
  const high = values[Math.ceil(place)] ?? NaN;
  return low + (high - low) * (place - Math.floor(place));
}

/** The values, the lowest first. */
export function sorted(values: readonly number[]): number[] {
  return [...values].sort((one, other) => one - other);
}
