import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { TransportError, type TransportErrorProps } from '../errors.js';
import type { Redactor } from '../redaction.js';
import { JsonLines } from './json-lines.js';
import { forgetChild, rememberChild } from './living-children.js';
import { descendantsOf, endAll, type ProcessIdentity } from './process-tree.js';
import { StderrTail } from './stderr-tail.js';
import type { Transport, TransportHandlers } from './transport.js';

/** A process whose standard input and output carry the lines. Nothing runs before {@link StdioProcess.start}. */
export class StdioProcess implements Transport {
  readonly #props: StdioProcessProps;
  readonly #patience: Patience;
  readonly #lines: JsonLines;
  readonly #stderr = new StderrTail();
  readonly #sending = new Set<(error: TransportError) => void>();
  readonly #exited = new Signal();
  readonly #finished = new Signal();
  #child: ChildProcessWithoutNullStreams | null = null;
  #handlers: TransportHandlers | null = null;
  #exit: { readonly code: number | null; readonly signal: string | null } | null = null;
  #reason: { readonly message: string; readonly props: TransportErrorProps } | null = null;
  #error: TransportError | null = null;
  #ending: Promise<void> | null = null;

  constructor(props: StdioProcessProps) {
    this.#props = props;
    this.#patience = { ...defaultPatience, ...props.patience };
    this.#lines = new JsonLines(props.maxFrameBytes);
  }

  /** The number of the process, or null before it started and when it could not be started. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  start(handlers: TransportHandlers): void {
    this.#handlers = handlers;
    if (this.#ending !== null) {
      queueMicrotask(() => {
        this.#finish();
      });
      return;
    }
    try {
      this.#child = this.#spawn();
    } catch (cause) {
      this.#reason = this.#startFailed(cause);
      queueMicrotask(() => {
        this.#finish();
      });
      return;
    }
    this.#listen(this.#child);
  }

  async send(line: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const child = this.#child;
      if (this.#error !== null || child === null) {
        reject(this.#error ?? new TransportError('The process is not started.', closedProps));
        return;
      }
      this.#sending.add(reject);
      child.stdin.write(`${line}\n`, (error) => {
        if (error) this.#break('codex-rs closed its standard input', 'write-failed', error);
        else if (this.#sending.delete(reject)) resolve();
      });
    });
  }

  setReferenced(isReferenced: boolean): void {
    if (this.#child === null || this.#ending !== null) return;
    reference(this.#child, isReferenced);
  }

  async close(): Promise<void> {
    this.#reason ??= { message: 'The link to codex-rs was closed', props: closedProps };
    this.#ending ??= this.#end(true);
    return this.#ending;
  }

  #spawn(): ChildProcessWithoutNullStreams {
    return spawn(this.#props.command, this.#props.args, {
      cwd: this.#props.workingDirectory,
      env: this.#props.environment,
      stdio: 'pipe',
      windowsHide: true,
      // Its own process group: Ctrl-C in a terminal reaches the host, which then decides what becomes of the turn.
      detached: process.platform !== 'win32',
    });
  }

  #listen(child: ChildProcessWithoutNullStreams): void {
    if (child.pid !== undefined) rememberChild(child);
    child.on('error', (cause) => {
      if (child.pid !== undefined) return;
      this.#reason = this.#startFailed(cause);
      this.#finish();
    });
    child.stdin.on('error', () => undefined);
    child.stdout.on('error', () => undefined);
    child.stderr.on('error', () => undefined);
    child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr.push(chunk);
    });
    child.stdout.on('data', (chunk: Buffer) => {
      this.#read(chunk);
    });
    child.stdout.on('end', () => {
      this.#break('codex-rs closed its standard output', 'process-exited');
    });
    child.on('exit', (code, signal) => {
      this.#exit = { code, signal };
      forgetChild(child);
      this.#exited.fire();
      // A grandchild that inherited the pipes would keep them open for ever.
      const timer = setTimeout(() => {
        this.#finish();
      }, this.#patience.drainMs);
      this.#finished.then(() => {
        clearTimeout(timer);
      });
    });
    child.on('close', () => {
      this.#finish();
    });
  }

  #read(chunk: Buffer): void {
    if (this.#error !== null || this.#reason?.props.code === 'frame-too-large') return;
    try {
      for (const line of this.#lines.feed(chunk)) this.#handlers?.onLine(line);
    } catch (error) {
      this.#break(error instanceof Error ? error.message : String(error), 'frame-too-large');
    }
  }

  /** The link is of no use any more: lets the process end by itself for a moment, so that its own reason is told, then ends it. */
  #break(message: string, code: string, cause?: unknown): void {
    if (this.#exit !== null || this.#error !== null) return;
    this.#reason ??= { message, props: { code, cause } };
    this.#ending ??= this.#end(false);
  }

  async #end(isPolite: boolean): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined || this.#error !== null) return;
    reference(child, true);
    child.stdin.end();
    const { stdinEndMs, breakMs, terminateMs, killMs } = this.#patience;
    const left: ProcessIdentity[] = [];
    if (!(await this.#exited.within(isPolite ? stdinEndMs : breakMs))) {
      left.push(...(await descendantsOf(child.pid)));
      child.kill('SIGTERM');
      if (!(await this.#exited.within(terminateMs))) {
        left.push(...(await descendantsOf(child.pid)));
        child.kill('SIGKILL');
        await this.#exited.within(killMs);
      }
    }
    await endAll(left);
    if (await this.#finished.within(this.#patience.drainMs)) return;
    this.#finish();
  }

  #finish(): void {
    if (this.#error !== null) return;
    const child = this.#child;
    this.#error = this.#describeEnd();
    if (child !== null) {
      forgetChild(child);
      child.stdin.destroy();
      child.stdout.destroy();
      child.stderr.destroy();
    }
    for (const reject of this.#sending) reject(this.#error);
    this.#sending.clear();
    this.#exited.fire();
    this.#finished.fire();
    this.#handlers?.onClose(this.#error);
  }

  #describeEnd(): TransportError {
    const stderrTail = this.#props.redactor.redact(this.#stderr.text);
    const { code, signal } = this.#exit ?? { code: null, signal: null };
    const how = signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`;
    const reason = this.#reason ?? {
      message: `codex-rs ended unexpectedly (${how})`,
      props: { code: 'process-exited' },
    };
    const quote =
      reason.props.code === 'closed' || stderrTail === '' ? '' : `\n${lastLines(stderrTail)}`;
    return new TransportError(`${this.#props.redactor.redact(reason.message)}.${quote}`, {
      ...reason.props,
      exitCode: code,
      signal,
      stderrTail,
    });
  }

  #startFailed(cause: unknown): { message: string; props: TransportErrorProps } {
    const why = cause instanceof Error ? cause.message : String(cause);
    const where = this.#props.workingDirectory;
    const directory = where === undefined ? '' : ` in ${where}`;
    return {
      message: `${this.#props.command} could not be started${directory}: ${why}`,
      props: { code: 'start-failed', cause },
    };
  }
}

/** How to start a {@link StdioProcess}. */
export interface StdioProcessProps {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the process. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  /** The longest line that is read. */
  readonly maxFrameBytes: number;
  /** Hides secrets in what the process wrote to its standard error. */
  readonly redactor: Redactor;
  /** How long each rung of the closing ladder is given. */
  readonly patience?: Partial<Patience>;
}

/** How long each rung of the closing ladder is given. */
export interface Patience {
  /** After the end of its standard input, before SIGTERM. Defaults to 2 s. */
  readonly stdinEndMs: number;
  /** After a broken pipe, before SIGTERM. Defaults to 100 ms. */
  readonly breakMs: number;
  /** After SIGTERM, before SIGKILL. Defaults to 2 s. */
  readonly terminateMs: number;
  /** After SIGKILL, before the process is given up. Defaults to 2 s. */
  readonly killMs: number;
  /** For the pipes to run empty after the exit. Defaults to 500 ms. */
  readonly drainMs: number;
}

const defaultPatience: Patience = {
  stdinEndMs: 2000,
  breakMs: 100,
  terminateMs: 2000,
  killMs: 2000,
  drainMs: 500,
};

const closedProps: TransportErrorProps = { code: 'closed', retryable: false };

/** Something that happens once and may be waited for, with a limit. */
class Signal {
  readonly #promise: Promise<void>;
  #resolve: () => void = () => undefined;

  constructor() {
    this.#promise = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  fire(): void {
    this.#resolve();
  }

  then(listener: () => void): void {
    void this.#promise.then(listener);
  }

  async within(milliseconds: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        resolve(false);
      }, milliseconds);
      this.then(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }
}

function reference(child: ChildProcessWithoutNullStreams, isReferenced: boolean): void {
  for (const handle of [child, child.stdin, child.stdout, child.stderr] as {
    ref?(): void;
    unref?(): void;
  }[])
    if (isReferenced) handle.ref?.();
    else handle.unref?.();
}

function lastLines(text: string): string {
  return text.split('\n').slice(-5).join('\n').slice(-1000);
}
