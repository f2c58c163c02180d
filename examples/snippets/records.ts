// Snippets of the doc comments of client options, secrets, tokens, snapshots and metadata.
import {
  Codex,
  CodexError,
  CodexOptions,
  ContinuationToken,
  Secret,
  ThreadMetadata,
  ThreadSnapshot,
} from '../../lib/index.js';
import { TurnRecord } from '../../lib/parity/index.js';
import type { Stage } from './stage.js';

export function codexOptions(): void {
  // #region CodexOptions
  const options = CodexOptions.from({
    apiKey: process.env.OPENAI_API_KEY,
    environment: { inherit: 'core', set: { CI: 'true' } },
    continuationSecret: 'at-least-sixteen-characters',
    keepLoadedMs: 60_000,
  });
  console.log(JSON.stringify(options.apiKey)); // "[redacted]"

  const codex = new Codex(options);
  console.log(codex.options.keepLoadedMs); // 60000
  // #endregion
}

export function codexOptionsCheck(): void {
  // #region CodexOptions.check
  const examination = CodexOptions.check({ auth: 'api_key', codexHom: '/srv/codex' });
  if (!examination.ok) console.log(examination.problems[0]?.path); // codexHom
  // #endregion
}

export function secret(): void {
  // #region Secret
  const key = new Secret('sk-live-1234');
  console.log(String(key), JSON.stringify({ key })); // [redacted] {"key":"[redacted]"}
  console.log(key.reveal().length); // 12
  // #endregion
}

export async function metadata({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  await thread.run('Write the migration');
  // #region ThreadMetadata
  const metadata = await thread.read({ includeTurns: true });
  console.log(metadata.preview, metadata.turns.length); // Write the migration 1
  console.log(metadata.isArchived, metadata.createdAt instanceof Date); // false true

  const kept = JSON.stringify(metadata);
  console.log(ThreadMetadata.fromJSON(JSON.parse(kept)).threadId === thread.threadId); // true
  // #endregion
}

export async function token({ codex }: Stage): Promise<void> {
  // #region ContinuationToken
  const { continuation, turnId } = await codex.startThread().run('Write the migration');
  const text = String(continuation);
  console.log(ContinuationToken.decode(text).turnId === turnId); // true

  try {
    ContinuationToken.decode(text.replace('ct1u.', 'ct1u.x'));
  } catch (error) {
    if (!CodexError.is(error)) throw error;
    console.log(error.code); // malformed-token
  }
  // #endregion
}

export async function snapshot({ codex }: Stage): Promise<void> {
  const thread = codex.startThread({ labels: { ticket: 'PAY-123' } });
  await thread.run('Write the migration');
  // #region ThreadSnapshot
  const text = JSON.stringify(thread);

  const snapshot = ThreadSnapshot.fromJSON(JSON.parse(text));
  console.log(snapshot.labels); // { ticket: 'PAY-123' }
  const restored = await codex.restoreThread(snapshot);
  console.log(restored.equals(thread)); // true
  // #endregion
}

export async function turnRecord({ codex }: Stage): Promise<void> {
  const thread = codex.startThread();
  // #region TurnRecord
  const text = JSON.stringify(TurnRecord.of(await thread.run('Look around')));

  const { status, finalResponse } = TurnRecord.fromJSON(JSON.parse(text));
  console.log(status, finalResponse); // completed A test fails.
  // #endregion
}
