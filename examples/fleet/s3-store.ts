// A turn of a thread that is stored in S3. The spec of the store runs it on a real server.
import type { S3 } from '@aws-sdk/client-s3';
import { runTurn, S3ThreadStore, type TurnOutcome } from '../../lib/fleet/index.js';
import type { Codex } from '../../lib/index.js';

/** Runs the turn of a job. */
export async function firstTurn(codex: Codex, client: S3, bucket: string): Promise<TurnOutcome> {
  // #region S3ThreadStore
  const store = new S3ThreadStore({ client, bucket, prefix: 'threads/' });
  const turn = { idempotencyKey: 'job-7' };
  const outcome = await runTurn(store, codex, 'PAY-123', 'Write the migration', turn);
  // #endregion
  return outcome;
}
