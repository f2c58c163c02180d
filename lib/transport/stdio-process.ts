import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { TransportError, type TransportErrorProps } from '../errors.js';
import type { Redactor } from '../redaction.js';
import { codeOf, messageOf } from '../shapes.js';
import { timers } from '../timers.js';
import { defaultPatience, closeInSteps, type Patience } from './closing-sequence.js';
import { JsonLines } from './json-lines.js';
import { forgetChild, rememberChild } from './living-children.js';
import { Deferred } from '../deferred.js';
import { endAll, markedWith } from './process-tree.js';
import { isPassing } from './start-failure.js';
import type { StaleProcesses } from './stale-processes.js';
import { StderrTail } from './stderr-tail.js';
import type { Connection, ConnectionHandlers } from './connection.js';

const markerName = 'CODEX_THREADS_PROCESS';

/** A process that exchanges lines over its standard input and output. {@link StdioProcess.start} starts it. */
export class StdioProcess implements Connection {
  readonly #props: StdioProcessProps;
  readonly #patience: Patience;
  readonly #lines: JsonLines;
  readonly #stderr = new StderrTail();
  readonly #marker = randomUUID();
  readonly #sending = new Set<(error: TransportError) => void>();
  readonly #exited = new Deferred();
  readonly #emptied = new Deferred();
  #child: ChildProcessWithoutNullStreams | null = null;
  #handlers: ConnectionHandlers | null = null;
  #isReferenced = true;
  #exit: { readonly code: number | null; readonly signal: string | null } | null = null;
  #reason: EndReason | null = null;
  #error: TransportError | null = null;
  #ending: Promise<void> | null = null;
  #forget: Promise<() => Promise<void>> | null = null;

  constructor(props: StdioProcessProps) {
    this.#props = props;
    this.#patience = { ...defaultPatience, ...props.patience };
    this.#lines = new JsonLines(props.maxFrameBytes);
  }

  /** The process id, or null before the start and if the start failed. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    if (this.#ending === null) {
      try {
        this.#child = this.#spawn();
        this.#listen(this.#child);
        return;
      } catch (cause) {
        this.#reason = this.#startFailure(cause);
      }
    }
    timers.queueMicrotask(() => {
      if (this.#error === null) this.#report();
      else handlers.onClose(this.#error);
    });
  }

  async send(line: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const child = this.#child;
      if (this.#error !== null || child === null) {
        reject(this.#error ?? new TransportError('The process has not been started.', closed));
        return;
      }
      this.#sending.add(reject);
      child.stdin.write(`${line}\n`, (error) => {
        // A failed write is rejected with the reason of the exit, which will be known shortly.
        if (error) this.#break('codex-rs closed its standard input', 'write-failed', error);
        else if (this.#sending.delete(reject)) resolve();
      });
    });
  }

  setReferenced(isReferenced: boolean): void {
    const child = this.#child;
    // Deno throws for a child that could not be started, which has no process id.
    if (child?.pid !== undefined && this.#ending === null) this.#reference(child, isReferenced);
  }

  async close(): Promise<void> {
    if (this.#ending === null)
      this.#reason ??= { message: 'The connection to codex-rs was closed', ...closed };
    this.#ending ??= this.#end(this.#patience.inputEndMs);
    return this.#ending;
  }

  /** Only changes are applied: Bun counts every call. */
  #reference(child: ChildProcessWithoutNullStreams, isReferenced: boolean): void {
    if (isReferenced === this.#isReferenced) return;
    this.#isReferenced = isReferenced;
    // The streams of a child are sockets, which their types do not show.
    for (const handle of [child, ...child.stdio] as (Partial<Referable> | null | undefined)[])
      if (isReferenced) handle?.ref?.();
      else handle?.unref?.();
  }

  #spawn(): ChildProcessWithoutNullStreams {
    const { command, args, workingDirectory, environment } = this.#props;
    return spawn(command, args, {
      cwd: workingDirectory,
      env: { ...environment, [markerName]: this.#marker },
      stdio: 'pipe',
      windowsHide: true,
      // A separate process group: Ctrl-C in a terminal reaches only the host, which then decides what happens to the
      // turn.
      detached: process.platform !== 'win32',
    });
  }

  #listen(child: ChildProcessWithoutNullStreams): void {
    child.on('error', (cause) => {
      if (child.pid !== undefined) return;
      this.#reason = this.#startFailure(cause);
      this.#exited.resolve();
      this.#report();
    });
    for (const stream of child.stdio) stream?.on('error', () => undefined);
    child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr.push(chunk);
    });
    child.stdout.on('data', (chunk: Buffer) => {
      this.#read(chunk);
    });
    child.stdout.on('end', () => {
      this.#break('codex-rs closed its standard output', 'process-exited');
    });
    if (child.pid === undefined) return;
    rememberChild(child);
    this.#forget = this.#props.stale?.record({ pid: child.pid, marker: this.#markerEntry }) ?? null;
    child.on('exit', (code, signal) => {
      this.#exit = { code, signal };
      forgetChild(child);
      this.#exited.resolve();
      this.#ending ??= this.#end(0);
    });
    child.on('close', () => {
      this.#emptied.resolve();
      this.#report();
    });
  }

  get #markerEntry(): string {
    return `${markerName}=${this.#marker}`;
  }

  #read(chunk: Buffer): void {
    if (this.#error !== null) return;
    try {
      for (const line of this.#lines.feed(chunk)) this.#handlers?.onLine(line);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      this.#reason ??= { message: error.message, code: error.code };
      this.#report();
      this.#ending ??= this.#end(this.#patience.breakMs);
    }
  }

  /** Marks the connection as unusable. Usually the process is exiting; its own exit reason then takes precedence. */
  #break(message: string, code: string, cause?: unknown): void {
    if (this.#exit !== null || this.#error !== null || this.#ending !== null) return;
    this.#ending = this.#exited.within(this.#patience.breakMs).then(async (hasExited) => {
      if (!hasExited) {
        this.#reason ??= { message, code, cause };
        this.#report();
      }
      await this.#end(0);
    });
  }

  async #end(inputEndMs: number): Promise<void> {
    const child = this.#child;
    if (child?.pid !== undefined) {
      this.#reference(child, true);
      const { pid } = child;
      const { drainMs } = this.#patience;
      const marker = this.#markerEntry;
      if (this.#exit === null)
        await closeInSteps({
          child,
          pid,
          exited: this.#exited,
          marker,
          inputEndMs,
          patience: this.#patience,
        });
      // Processes that it started and did not end: after a SIGKILL all of them, otherwise a shell that was just
      // starting.
      await endAll(markedWith(marker));
      // A grandchild that inherited the pipes would keep them open indefinitely.
      await this.#emptied.within(drainMs);
      await (
        await this.#forget
      )?.();
    }
    this.#report();
    for (const stream of child?.stdio ?? []) stream?.destroy();
  }

  #report(): void {
    if (this.#error !== null) return;
    const rest = this.#lines.rest();
    if (rest !== '') this.#handlers?.onLine(rest);
    const error = this.#describeEnd();
    this.#error = error;
    for (const reject of this.#sending) reject(error);
    this.#sending.clear();
    this.#handlers?.onClose(error);
  }

  #describeEnd(): TransportError {
    const { redactor } = this.#props;
    const stderrTail = redactor.redact(this.#stderr.text);
    const { code: exitCode, signal } = this.#exit ?? { code: null, signal: null };
    const how = signal === null ? `exit code ${exitCode ?? 'unknown'}` : `signal ${signal}`;
    const { message, ...props } = this.#reason ?? {
      message: `codex-rs exited unexpectedly (${how})`,
      code: 'process-exited',
    };
    const quote = props.code === 'closed' || stderrTail === '' ? '' : `\n${lastLines(stderrTail)}`;
    return new TransportError(`${redactor.redact(message)}.${quote}`, {
      ...props,
      exitCode,
      signal,
      stderrTail,
    });
  }

  #startFailure(cause: unknown): EndReason {
    const { command, workingDirectory } = this.#props;
    const where = workingDirectory === undefined ? '' : ` in ${workingDirectory}`;
    const advice =
      codeOf(cause) === 'E2BIG'
        ? ' (config, configOverrides and the environment are too long together)'
        : '';
    return {
      message: `${command} could not be started${where}: ${messageOf(cause)}${advice}`,
      code: 'start-failed',
      cause,
      retryable: isPassing(cause),
    };
  }
}

/** Properties of a {@link StdioProcess}. */
export interface StdioProcessProps {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the process. One variable that identifies its orphans is added. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory?: string | undefined;
  /** The longest line to accept, in bytes. */
  readonly maxFrameBytes: number;
  /** Hides secrets in the standard error of the process. */
  readonly redactor: Redactor;
  /** The timeout of each step of closing. */
  readonly patience?: Partial<Patience>;
  /** Records the process, to clean up if the host is killed. */
  readonly stale?: StaleProcesses;
}

type EndReason = TransportErrorProps & { readonly message: string };

const closed: TransportErrorProps = { code: 'closed', retryable: false };

type Referable = Pick<ChildProcessWithoutNullStreams, 'ref' | 'unref'>;

/** With RUST_BACKTRACE set, a stack follows the last message of codex-rs. */
function lastLines(text: string): string {
  const [said = ''] = text.split(/\n\s*stack backtrace:\n/i);
  return said.split('\n').slice(-5).join('\n').slice(-1000);
}
