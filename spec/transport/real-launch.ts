import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { childEnvironment } from '../../lib/transport/child-environment.js';
import type { SessionPlan } from '../../lib/wire/session-plan.js';
import { Redactor } from '../../lib/redaction.js';

/** A new folder below the user's home, removed at the end of its scope. */
export function temporaryHome(): { readonly path: string } & Disposable {
  const home = mkdtempSync(path.join(os.homedir(), '.codex-threads-spec-'));
  return {
    path: home,
    [Symbol.dispose]() {
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A plan for the installed binary with a separate home. */
export function realPlan(codexHome: string, changes: Partial<SessionPlan> = {}): SessionPlan {
  return {
    codexHome,
    // The agent's shell does not find start files of the developer.
    environment: { ...childEnvironment(process.env, []), HOME: codexHome },
    configOverrides: ['thread_unload_delay_secs=0'],
    clientInfo: { name: 'codex-threads-spec', title: null, version: '0' },
    experimentalApi: true,
    startupTimeoutMs: 20_000,
    maxFrameBytes: 256 * 1024 * 1024,
    redactor: new Redactor(),
    stateDirectory: path.join(codexHome, 'codex-threads-state'),
    ...changes,
  };
}

/** A program in `fixtures/programs`. */
export function fixture(name: string): string {
  return path.resolve('fixtures/programs', `${name}.mjs`);
}
