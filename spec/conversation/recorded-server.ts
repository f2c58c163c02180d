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

/** What the client said, and all that codex-rs said before the client spoke again. */
export interface RecordedStep {
  readonly process: string;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly answers: WireMessage[];
  /** Whether codex-rs was killed then. */
  dies: boolean;
}

/** Changes one message of the server; what it gives is said in its place. */
export type Mutate = (message: WireMessage) => readonly WireMessage[];

/** Says again, changed, what codex-rs said in a recorded scenario: to each request what followed it then. */
export class RecordedServer implements InMemoryServer {
  readonly #mutate: Mutate;
  readonly #steps: RecordedStep[];
  readonly #turns: { readonly id: string }[] = [];
  /** What the recording says of the thread, for those who read it at another time. */
  readonly #reading: WireMessage | undefined;
  /** What it said of the thread when it was last resumed. */
  #resuming: WireMessage | undefined;
  #link = new InMemoryConnection(this);
  /** The replies of our client to requests of the server. */
  readonly replies: WireMessage[] = [];
  /** How many messages of the recording were said. */
  said = 0;
  /** How many messages went in either direction. */
  traffic = 0;

  constructor(scenario: string, mutate: Mutate) {
    this.#mutate = mutate;
    this.#steps = stepsOf(recorded(scenario, 'transcript.jsonl') as RecordedLine[]);
    this.#reading = this.#steps
      .find(({ method }) => method === 'thread/read')
      ?.answers.find(({ result }) => result !== undefined);
  }

  /** What comes next in the recording. */
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
    // Nothing lives on without the client.
  }

  /** Says what belongs to a step; without an id, it is the answer to nothing that was asked. */
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

  /** What our client asks and the Python client did not: as a rule, for pages of a list. */
  #unasked(method: string): unknown {
    // Our client has the settings reported again after it has put the thread's own back.
    if (method === 'thread/resume' && this.#resuming !== undefined) return this.#resuming.result;
    if (method === 'thread/read' && this.#reading !== undefined) return this.#reading.result;
    return { data: this.#turns, nextCursor: null, status: 'notLoaded' };
  }

  #send(message: WireMessage): void {
    this.traffic += 1;
    this.#link.deliver(JSON.stringify(message));
  }
}

/** How many messages of codex-rs a scenario has. */
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
