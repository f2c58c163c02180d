import { TransportError } from '../../lib/errors.js';
import {
  InMemoryConnection,
  type InMemoryServer,
} from '../../lib/testing/transports/in-memory-connection.js';
import { recorded } from '../python/fixture-folder.js';

/** A message on the wire. */
export interface WireMessage {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

interface RecordedLine {
  readonly process: string;
  readonly from?: 'client' | 'server';
  readonly message?: WireMessage;
  readonly event?: string;
  readonly signal?: number | null;
}

/** A message of the client, and all messages of codex-rs until the next message of the client. */
export interface RecordedStep {
  readonly process: string;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly answers: WireMessage[];
  /** Whether codex-rs was killed at this point. */
  dies: boolean;
}

/** Changes one message of the server; its result is sent instead. */
export type Mutate = (message: WireMessage) => readonly WireMessage[];

/**
 * Replays the messages of codex-rs in a recorded scenario, with changes: each request gets the messages that
 * followed it in the recording.
 */
export class RecordedServer implements InMemoryServer {
  readonly #mutate: Mutate;
  readonly #steps: RecordedStep[];
  readonly #turns: { readonly id: string }[] = [];
  /** The state of the thread in the recording, for reads at another time. */
  readonly #reading: WireMessage | undefined;
  /** The state of the thread when it was last resumed. */
  #resuming: WireMessage | undefined;
  #link = new InMemoryConnection(this);
  /** The replies of our client to requests of the server. */
  readonly replies: WireMessage[] = [];
  /** The number of replayed messages. */
  said = 0;
  /** The number of messages in both directions. */
  traffic = 0;

  constructor(scenario: string, mutate: Mutate) {
    this.#mutate = mutate;
    this.#steps = stepsOf(recorded(scenario, 'transcript.jsonl') as RecordedLine[]);
    this.#reading = this.#steps
      .find(({ method }) => method === 'thread/read')
      ?.answers.find(({ result }) => result !== undefined);
  }

  /** The next step of the recording. */
  get next(): RecordedStep | undefined {
    return this.#steps[0];
  }

  /** A new process of the server. */
  link(): InMemoryConnection {
    this.#link = new InMemoryConnection(this);
    return this.#link;
  }

  receive(line: string): void {
    this.traffic += 1;
    const message = JSON.parse(line) as WireMessage;
    if (message.method === undefined) {
      this.replies.push(message);
      return;
    }
    const { next } = this;
    if (next?.method === message.method) this.say(next, message.id);
    else if (message.id !== undefined)
      this.#send({ id: message.id, result: this.#unasked(message.method) });
  }

  end(): void {
    // Ends with the client.
  }

  /** Sends the messages of a step; without an id, they are not the reply to a request. */
  say(step: RecordedStep, id: number | string = 'nobody'): void {
    this.#steps.shift();
    if (step.method === 'thread/resume')
      this.#resuming = step.answers.find(({ result }) => result !== undefined);
    for (const answer of step.answers) {
      this.said += 1;
      if (answer.method === 'turn/completed')
        this.#turns.unshift((answer.params as { turn: { id: string } }).turn);
      const addressed = answer.method === undefined ? { ...answer, id } : answer;
      for (const changed of this.#mutate(addressed)) this.#send(changed);
    }
    if (step.dies)
      this.#link.finish(new TransportError('It was killed.', { code: 'process-exited' }));
  }

  /** Requests of our client that the Python client did not send: usually pages of a list. */
  #unasked(method: string): unknown {
    // Our client receives the settings again after it has restored those of the thread.
    if (method === 'thread/resume' && this.#resuming !== undefined) return this.#resuming.result;
    if (method === 'thread/read' && this.#reading !== undefined) return this.#reading.result;
    return { data: this.#turns, nextCursor: null, status: 'notLoaded' };
  }

  #send(message: WireMessage): void {
    this.traffic += 1;
    this.#link.deliver(JSON.stringify(message));
  }
}

/** The number of messages of codex-rs in a scenario. */
export function messagesIn(scenario: string): number {
  const lines = recorded(scenario, 'transcript.jsonl') as RecordedLine[];
  return lines.filter(({ from }) => from === 'server').length;
}

function stepsOf(lines: readonly RecordedLine[]): RecordedStep[] {
  const steps: RecordedStep[] = [];
  const current = new Map<string, RecordedStep>();
  for (const { process, from, message, event, signal } of lines) {
    const step = current.get(process);
    if (from === 'client' && message?.method !== undefined) {
      const params = (message.params ?? {}) as Record<string, unknown>;
      const next = { process, method: message.method, params, answers: [], dies: false };
      current.set(process, next);
      steps.push(next);
    }
    if (from === 'server' && message !== undefined) step?.answers.push(message);
    if (event === 'exited' && typeof signal === 'number' && step !== undefined) step.dies = true;
  }
  return steps;
}
