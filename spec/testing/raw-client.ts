import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { Transport } from '../../lib/app-server/transport.js';
import type { TransportError } from '../../lib/errors.js';
import type {
  ClientRequests,
  ServerNotifications,
  ServerRequests,
} from '../../lib/protocol/index.js';
import type { FaultyAppServer } from '../../lib/testing/faulty-app-server.js';

/** Any message, only as well known as JSON.parse knows it. */
export interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

type Incoming = ServerNotifications & { [M in keyof ServerRequests]: ServerRequests[M]['params'] };

/** A message of the server that the client did not ask for. */
export interface Told<M extends keyof Incoming> extends Message {
  readonly method: M;
  readonly params: Incoming[M];
}

/** A reply; only one of the two is really there. */
export interface Reply<M extends keyof ClientRequests> extends Message {
  readonly result: ClientRequests[M]['result'];
  readonly error: NonNullable<Message['error']>;
}

/** The smallest client there can be: numbers its requests, keeps all lines. */
export class RawClient {
  readonly lines: string[] = [];
  readonly #write: (line: string) => void;
  readonly #waiting = new Set<() => void>();
  #nextId = 1;
  #consumed = 0;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  /** Everything said so far that is a message. */
  get messages(): Message[] {
    return this.lines
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Message);
  }

  /** The methods of all notifications and server requests so far. */
  get methods(): string[] {
    return this.messages.flatMap(({ method }) => method ?? []);
  }

  /** Only what was said with this method. */
  told<M extends keyof Incoming>(method: M): Told<M>[] {
    return this.messages.filter((message): message is Told<M> => message.method === method);
  }

  heard(line: string): void {
    this.lines.push(line);
    this.changed();
  }

  changed(): void {
    for (const ask of [...this.#waiting]) ask();
  }

  async until<T>(check: () => T | undefined): Promise<T> {
    return new Promise((done) => {
      const ask = (): void => {
        const found = check();
        if (found === undefined) return;
        this.#waiting.delete(ask);
        done(found);
      };
      this.#waiting.add(ask);
      ask();
    });
  }

  /** The next message, not yet given, that has this method. */
  async next<M extends keyof Incoming>(method: M): Promise<Told<M>> {
    return this.until(() => {
      const { messages } = this;
      const at = messages.findIndex(
        (one, index) => index >= this.#consumed && one.method === method,
      );
      if (at < 0) return undefined;
      this.#consumed = at + 1;
      return messages[at] as Told<M>;
    });
  }

  send(message: object): void {
    this.#write(JSON.stringify(message));
  }

  sendText(line: string): void {
    this.#write(line);
  }

  /** Sends a request; gives its id. */
  request(method: string, params: object = {}): number {
    const id = this.#nextId++;
    this.send({ id, method, params });
    return id;
  }

  replies(id: number): Message[] {
    return this.messages.filter((message) => message.id === id && message.method === undefined);
  }

  async call<M extends keyof ClientRequests>(method: M, params: object = {}): Promise<Reply<M>> {
    const id = this.request(method, params);
    return this.until(() => this.replies(id)[0] as Reply<M> | undefined);
  }

  async handshake(experimentalApi = true): Promise<Reply<'initialize'>> {
    const capabilities = { experimentalApi, requestAttestation: false };
    const clientInfo = { name: 'raw', version: '0', title: null };
    const reply = await this.call('initialize', { clientInfo, capabilities });
    this.send({ method: 'initialized' });
    // Said right behind the reply: what a spec counts from here on is its own.
    if (!('error' in reply)) await this.until(() => this.told('remoteControl/status/changed')[0]);
    return reply;
  }

  /** Introduces itself and starts a thread; gives its id. */
  async begin(): Promise<string> {
    await this.handshake();
    const { result } = await this.call('thread/start');
    // Said right behind the reply.
    await this.next('thread/started');
    return result.thread.id;
  }

  async startTurn(threadId: string, text = 'hi', more: object = {}): Promise<Reply<'turn/start'>> {
    return this.call('turn/start', { threadId, input: [{ type: 'text', text }], ...more });
  }

  /** Plays a turn to its end; gives turn/completed. */
  async playTurn(
    threadId: string,
    text = 'hi',
    more: object = {},
  ): Promise<Told<'turn/completed'>> {
    await this.startTurn(threadId, text, more);
    return this.next('turn/completed');
  }
}

/** A client of a connection in memory. */
export class InMemoryClient extends RawClient {
  readonly transport: Transport;
  closedBy: TransportError | null = null;

  constructor(faulty: FaultyAppServer) {
    const transport = faulty.connection();
    super((line) => void transport.send(line).catch(() => undefined));
    this.transport = transport;
    transport.start({
      onLine: (line) => {
        this.heard(line);
      },
      onClose: (error) => {
        this.closedBy = error;
        this.changed();
      },
    });
  }

  async end(): Promise<TransportError> {
    return this.until(() => this.closedBy ?? undefined);
  }
}

/** A client of a process, over its standard input and output. */
export class ProcessClient extends RawClient {
  static readonly #all = new Set<ProcessClient>();
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  stderr = '';
  #partial = '';
  #hasClosed = false;

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    super((line) => child.stdin.write(`${line}\n`));
    this.child = child;
    ProcessClient.#all.add(this);
    child.stdin.on('error', () => undefined);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (this.#partial + text).split('\n');
      this.#partial = lines.pop() ?? '';
      for (const line of lines) this.heard(line);
    });
    child.on('close', () => {
      this.#hasClosed = true;
    });
  }

  /** Ends the processes that a failed spec left; gives the pids of all that still lived. */
  static async endAll(): Promise<number[]> {
    const left = [...ProcessClient.#all].filter(({ child }) => !hasEnded(child));
    ProcessClient.#all.clear();
    await Promise.all(left.map(async (client) => client.kill()));
    return left.map(({ child }) => child.pid ?? 0);
  }

  /** What was said after the last line end. */
  get partial(): string {
    return this.#partial;
  }

  /** Resolves when the process is gone and all it said was heard. */
  async end(): Promise<{ code: number | null; signal: string | null }> {
    if (!this.#hasClosed) await once(this.child, 'close');
    return { code: this.child.exitCode, signal: this.child.signalCode };
  }

  /** Says that there is nothing more to say, and waits for the end. */
  async leave(): Promise<{ code: number | null; signal: string | null }> {
    this.child.stdin.end();
    return this.end();
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.end();
  }
}

/** A client of the faulty app-server as a program. */
export class ProgramClient extends ProcessClient {
  constructor(
    faulty: FaultyAppServer,
    args: readonly string[] = ['app-server'],
    more: NodeJS.ProcessEnv = {},
  ) {
    const { codexPath, env } = faulty.program();
    super(process.execPath, [codexPath, ...args], { ...env, ...more });
  }
}

function hasEnded({ exitCode, signalCode }: ProcessClient['child']): boolean {
  return exitCode !== null || signalCode !== null;
}
