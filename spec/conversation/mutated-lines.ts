import type { Connection, ConnectionHandlers } from '../../lib/transport/connection.js';
import { TransportError } from '../../lib/errors.js';

/** One mutation of a line in transit; the numbers select the place, for any line. */
export interface Mutation {
  readonly kind: (typeof mutationKinds)[number];
  readonly at: number;
  readonly other: number;
  readonly value: unknown;
}

/** `keep` does not change the line: without it, few turns would make progress. */
export const mutationKinds = [
  'keep',
  'drop',
  'duplicate',
  'delay',
  'truncate',
  'scramble',
  'remove',
  'replace',
  'swap',
  'add',
] as const;

type Container = Record<string, unknown>;

/** A link that mutates each line from the server, one mutation per line. */
export class MutatingConnection implements Connection {
  readonly #inner: Connection;
  readonly #next: () => Mutation;
  #handlers: ConnectionHandlers | null = null;
  #delayed: string[] = [];
  #spared: number;
  #isDead = false;
  /** The number of lines and calls so far. */
  traffic = 0;
  /** The number of changed lines. */
  mutated = 0;

  constructor(inner: Connection, next: () => Mutation, spared: number) {
    this.#inner = inner;
    this.#next = next;
    this.#spared = spared;
  }

  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    this.#inner.start({
      onLine: (line) => {
        this.#pass(line);
      },
      onClose: (error) => {
        if (!this.#isDead) handlers.onClose(error);
      },
    });
  }

  async send(line: string): Promise<void> {
    this.traffic += 1;
    return this.#inner.send(line);
  }

  setReferenced(): void {
    // A link in memory does not keep the process alive.
  }

  async close(): Promise<void> {
    return this.#inner.close();
  }

  /** The server has exited. */
  async die(): Promise<void> {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#handlers?.onClose(new TransportError('It is gone.', { code: 'process-exited' }));
    await this.#inner.close();
  }

  #pass(line: string): void {
    if (this.#isDead) return;
    this.traffic += 1;
    const mutation: Mutation | null = this.#spared > 0 ? null : this.#next();
    this.#spared -= 1;
    const lines = mutation === null ? [line] : this.#mutate(line, mutation);
    for (const passed of lines) this.#handlers?.onLine(passed);
  }

  #mutate(line: string, mutation: Mutation): readonly string[] {
    const waiting = this.#delayed;
    this.#delayed = [];
    if (mutation.kind !== 'keep') this.mutated += 1;
    if (mutation.kind === 'delay') this.#delayed = [line];
    return [...changed(line, mutation), ...waiting];
  }
}

function changed(line: string, mutation: Mutation): readonly string[] {
  const { kind, at, other } = mutation;
  const [from, to] = [at % (line.length + 1), other % (line.length + 1)].sort((a, b) => a - b);
  switch (kind) {
    case 'keep':
      return [line];
    case 'drop':
    case 'delay':
      return [];
    case 'duplicate':
      return [line, line];
    case 'truncate':
      return [line.slice(0, to)];
    case 'scramble':
      return [line.slice(0, from) + JSON.stringify(mutation.value) + line.slice(to)];
    default:
      return [JSON.stringify(reshaped(JSON.parse(line) as Container, mutation))];
  }
}

/** Changes one or two fields somewhere in the message. */
function reshaped(message: Container, { kind, at, other, value }: Mutation): Container {
  const places = placesIn(message);
  const [container, key] = places[at % places.length] ?? [message, 'id'];
  const [otherContainer, otherKey] = places[other % places.length] ?? [message, 'id'];
  switch (kind) {
    case 'remove':
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the point of it
      delete container[key];
      break;
    case 'replace':
      container[key] = value;
      break;
    case 'swap':
      // Copies, because one of the two may be part of the other.
      [container[key], otherContainer[otherKey]] = [
        structuredClone(otherContainer[otherKey]),
        structuredClone(container[key]),
      ];
      break;
    default:
      container[`faulty${other}`] = value;
  }
  return message;
}

function placesIn(container: Container): [Container, string][] {
  return Object.entries(container).flatMap(([key, value]) => [
    [container, key],
    ...(typeof value === 'object' && value !== null ? placesIn(value as Container) : []),
  ]);
}
