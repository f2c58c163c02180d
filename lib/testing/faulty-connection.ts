import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Transport } from '../app-server/transport.js';
import { TransportError } from '../errors.js';
import { FaultyEngine } from './faulty-engine.js';
import type { FaultyHost } from './faulty-host.js';
import type { FaultyScript } from './faulty-script.js';
import type { FaultyStart, FaultyWorld } from './faulty-world.js';
import { InMemoryTransport } from './transports/in-memory-transport.js';

/** A faulty app-server in memory, for one transport: it plays the process. @internal */
export class FaultyConnection implements FaultyHost {
  readonly #script: FaultyScript;
  readonly #engine: FaultyEngine;
  readonly #transport: InMemoryTransport;
  #stderrTail = '';

  constructor(script: FaultyScript, world: FaultyWorld, started: FaultyConnectionStart = {}) {
    const { args = [], environment = {} } = started;
    const start = { pid: null, args, cwd: process.cwd(), environment };
    const engine = new FaultyEngine({
      script,
      world,
      host: this,
      generation: world.begin(start),
      codexHome: environment.CODEX_HOME ?? join(homedir(), '.codex'),
    });
    this.#script = script;
    this.#engine = engine;
    this.#transport = new InMemoryTransport({
      receive: (line) => {
        engine.receive(line);
      },
      end: () => {
        engine.end();
      },
    });
  }

  /** The client's end. */
  get transport(): Transport {
    return this.#transport;
  }

  /** @inheritDoc */
  write(text: string): void {
    // Byte by byte or at once is the same where there are only lines; both ways go through the same door.
    const pieces = this.#script.server?.splitsUtf8 ? Array.from(text) : [text];
    for (const piece of pieces) this.#transport.deliver(piece);
  }

  /** @inheritDoc */
  writeError(text: string): void {
    this.#stderrTail = (this.#stderrTail + text).slice(-tailLength);
  }

  /** @inheritDoc */
  exit(code: number): void {
    this.#gone(`The app-server ended with exit code ${code}.`, code, null);
  }

  /** @inheritDoc */
  kill(): void {
    this.#gone('The app-server was ended by SIGKILL.', null, 'SIGKILL');
  }

  /** @inheritDoc */
  closeOutput(): void {
    const { stderrTail } = this;
    const message = 'The app-server closed its standard output.';
    this.#transport.finish(new TransportError(message, { code: 'closed', stderrTail }));
  }

  /** @inheritDoc */
  stopReading(): void {
    this.#transport.stopReading();
  }

  /** The last of what was written to standard error. */
  get stderrTail(): string {
    return this.#stderrTail;
  }

  #gone(message: string, exitCode: number | null, signal: string | null): void {
    this.#engine.die();
    const { stderrTail } = this;
    this.#transport.finish(
      new TransportError(message, { code: 'process-exited', exitCode, signal, stderrTail }),
    );
  }
}

/** What a program would have been started with. @internal */
export type FaultyConnectionStart = Partial<Pick<FaultyStart, 'args' | 'environment'>>;

const tailLength = 65_536;
