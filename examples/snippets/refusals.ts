// Snippets of the doc comments of errors that do not concern a turn.
import { resolve } from 'node:path';
import {
  AuthenticationError,
  Codex,
  CodexNotFoundError,
  IsolationViolationError,
  MissingApiKeyError,
  RequestError,
  ThreadStateError,
  Tool,
  ToolsChangedError,
  TransportError,
  UnsupportedCodexError,
  ValidationError,
} from '../../lib/index.js';
import { TemporaryCodexHome } from '../../lib/testing/index.js';
import type { Stage } from './stage.js';

export function invalid({ codex }: Stage): void {
  // #region ValidationError
  try {
    codex.startThread({ sandboxMode: 'read-only', networkAccessEnabled: 'perhaps' as never });
  } catch (error) {
    if (!ValidationError.is(error)) throw error;
    for (const { path, reason } of error.problems) console.log(`${path} ${reason}`); // networkAccessEnabled must be true or false, got "perhaps"
  }
  // #endregion
}

export function missingKey(): void {
  // #region MissingApiKeyError
  try {
    new Codex({ auth: 'apiKey', env: { PATH: process.env.PATH } });
  } catch (error) {
    if (!MissingApiKeyError.is(error)) throw error;
    console.log(error.code); // missing-api-key
  }
  // #endregion
}

export async function noLogin(): Promise<void> {
  await using home = await TemporaryCodexHome.create();
  const { path: codexHome } = home;
  const { PATH, HOME } = process.env;
  // #region AuthenticationError
  await using codex = new Codex({ codexHome, env: { PATH, HOME } });
  try {
    await codex.startThread().run('Hello');
  } catch (error) {
    if (!AuthenticationError.is(error)) throw error;
    console.log(error.code); // authentication
  }
  // #endregion
}

export async function notPrivate({ model: { baseUrl } }: Stage): Promise<void> {
  await using home = await TemporaryCodexHome.create();
  await home.write('AGENTS.md', 'Answer in verse.');
  const { path: codexHome } = home;
  // #region IsolationViolationError
  await using codex = new Codex({ isolation: 'private', codexHome, baseUrl });
  try {
    await codex.startThread().run('Hello');
  } catch (error) {
    if (!IsolationViolationError.is(error)) throw error;
    for (const { kind, what } of error.violations) console.log(kind, what.includes(codexHome)); // instructions true
  }
  // #endregion
}

export async function notFound(): Promise<void> {
  // #region CodexNotFoundError
  await using codex = new Codex({ codexPath: '/opt/codex/bin/codex' });
  try {
    await codex.warmUp();
  } catch (error) {
    if (!CodexNotFoundError.is(error)) throw error;
    for (const { source, path } of error.looked) console.log(source, path); // codexPath /opt/codex/bin/codex
  }
  // #endregion
}

export async function broken(): Promise<void> {
  // #region TransportError
  await using codex = new Codex({ codexPath: '/bin/false' });
  try {
    await codex.warmUp();
  } catch (error) {
    if (!TransportError.is(error)) throw error;
    console.log(error.code, error.exitCode); // process-exited 1
    console.error(error.stderrTail);
  }
  // #endregion
}

export async function outdated(): Promise<void> {
  const oldCodex = resolve('fixtures/programs/old-codex.mjs');
  process.env.OLD_CODEX_LACKS = 'model/list';
  // #region UnsupportedCodexError
  await using codex = new Codex({ codexPath: oldCodex });
  try {
    await codex.models();
  } catch (error) {
    if (!UnsupportedCodexError.is(error)) throw error;
    console.log(error.codexVersion, error.missing); // 0.128.0 the method model/list
  }
  // #endregion
  delete process.env.OLD_CODEX_LACKS;
}

export async function refused({ codex }: Stage): Promise<void> {
  // #region RequestError
  try {
    await codex.startThread({ modelProvider: 'nowhere' }).open();
  } catch (error) {
    if (!RequestError.is(error)) throw error;
    console.log(error.method, error.rpcCode); // thread/start -32600
    console.error(error.serverMessage);
  }
  // #endregion
}

export async function wrongState({ codex }: Stage): Promise<void> {
  // #region ThreadStateError
  try {
    await codex.startThread().setName('Migration');
  } catch (error) {
    if (!ThreadStateError.is(error)) throw error;
    console.log(error.code); // thread-not-open
  }
  // #endregion
}

// #region ToolsChangedError
class Clock {
  @Tool({ description: 'Tells the time.' })
  time(): string {
    return new Date().toISOString();
  }
}
// #endregion

export async function otherTools({ codex: earlier }: Stage): Promise<void> {
  const { threadId } = await earlier.startThread().run('What time is it?');
  await earlier.close();
  await using codex = new Codex();
  // #region ToolsChangedError
  const thread = await codex.resumeThread(threadId, { tools: [new Clock()] });
  try {
    await thread.run('What time is it?');
  } catch (error) {
    if (!ToolsChangedError.is(error)) throw error;
    console.log(error.difference.added); // [ 'time' ]
  }
  // #endregion
}
