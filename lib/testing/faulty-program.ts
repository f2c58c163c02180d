import { closeSync, readFileSync, writeSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ValidationError } from '../errors.js';
import { messageOf } from '../shapes.js';
import { timers } from '../timers.js';
import { FaultyDirectoryWorld } from './faulty-directory-world.js';
import { FaultyEngine } from './faulty-engine.js';
import type { FaultyHost } from './faulty-host.js';
import { FaultyMemoryWorld } from './faulty-memory-world.js';
import type { FaultyScript } from './faulty-script.js';
import { FaultyScriptReader } from './faulty-script-reader.js';

/** A faulty app-server as a program of its own, over standard input and output; started in place of codex. @internal */
export class FaultyProgram implements FaultyHost {
  readonly #script: FaultyScript;
  #isOutputOpen = true;
  #isReading = true;

  constructor(script: FaultyScript) {
    this.#script = script;
  }

  /** Does what `codex <args>` would: serves for `app-server`, prints a version for `--version`, refuses the rest. */
  static run(args: readonly string[], environment: NodeJS.ProcessEnv): void {
    try {
      const script = scriptIn(environment);
      if (args[0] === '--version') process.stdout.write(`${versionIn(script)}\n`);
      else if (args[0] === 'app-server') new FaultyProgram(script).serve(args, environment);
      else leave(2, `error: unexpected argument '${args[0] ?? ''}' found`);
    } catch (error) {
      leave(64, messageOf(error));
    }
  }

  /** Reads standard input until the program ends. */
  serve(args: readonly string[], environment: NodeJS.ProcessEnv): void {
    const { directory, server = {} } = this.#script;
    const world = directory ? new FaultyDirectoryWorld(directory) : new FaultyMemoryWorld();
    const { pid } = process;
    const start = { pid, args, cwd: process.cwd(), environment: { ...environment } };
    const engine = new FaultyEngine({
      script: this.#script,
      world,
      host: this,
      generation: world.begin(start),
      codexHome: environment.CODEX_HOME ?? join(homedir(), '.codex'),
    });
    const finish = (): void => {
      engine.end();
      process.exit(0);
    };
    // Keeps the program alive when nothing else does, and ends one that everybody forgot.
    timers.setTimeout(() => process.exit(0), server.lifetimeMs ?? 600_000);
    process.on('SIGTERM', () => {
      if (!server.ignoresSigterm) finish();
    });
    const ended = (): void => {
      if (!server.ignoresStdinEnd) finish();
    };
    process.stdin.on(
      'data',
      splitLines((line) => {
        if (this.#isReading) engine.receive(line);
      }),
    );
    process.stdin.on('end', ended);
    process.stdin.on('error', ended);
  }

  /** @inheritDoc */
  write(text: string): void {
    if (!this.#isOutputOpen) return;
    const bytes = Buffer.from(text);
    const size = this.#script.server?.splitsUtf8 ? 1 : bytes.length;
    for (let at = 0; at < bytes.length; at += size) writeAll(1, bytes.subarray(at, at + size));
  }

  /** @inheritDoc */
  writeError(text: string): void {
    writeAll(2, Buffer.from(text));
  }

  /** @inheritDoc */
  exit(code: number): void {
    process.exit(code);
  }

  /** @inheritDoc */
  kill(): void {
    process.kill(process.pid, 'SIGKILL');
    // The signal may be a moment on its way: nothing more happens here.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }

  /** @inheritDoc */
  closeOutput(): void {
    this.#isOutputOpen = false;
    closeSync(1);
  }

  /** @inheritDoc */
  stopReading(): void {
    this.#isReading = false;
    process.stdin.pause();
  }
}

function scriptIn(environment: NodeJS.ProcessEnv): FaultyScript {
  const given = environment.FAULTY_APP_SERVER ?? '{}';
  const text = given.trimStart().startsWith('{') ? given : readFileSync(given, 'utf8');
  const script = FaultyScriptReader.read(parse(text));
  const needsCount = [...(script.turns ?? []), ...(script.faults ?? [])];
  if (!script.directory && needsCount.some((part) => part.generation !== undefined))
    throw new ValidationError('script of a faulty app-server', [
      { path: 'directory', reason: 'is needed by a program that counts generations' },
    ]);
  return script;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = `is no JSON: ${messageOf(error)}`;
    throw new ValidationError('script of a faulty app-server', [{ path: '', reason }], error);
  }
}

function versionIn(script: FaultyScript): string {
  return script.server?.version ?? 'codex-cli 0.169.0';
}

function leave(code: number, message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = code;
}

/** Splits by bytes, so that no character is ever torn. */
function splitLines(onLine: (line: string) => void): (chunk: Buffer) => void {
  let partial: Buffer[] = [];
  return (chunk) => {
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      partial.push(chunk.subarray(from, at));
      onLine(Buffer.concat(partial).toString('utf8'));
      partial = [];
      from = at + 1;
    }
    partial.push(chunk.subarray(from));
  };
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The client is gone: like codex-rs, say nothing and wait for the end of standard input.
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN') throw error;
    }
  }
}
