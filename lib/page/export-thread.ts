import type { Codex } from '../codex.js';
import type { Requester } from '../loaded/requester.js';
import { ThreadAttachments } from '../loaded/thread-attachments.js';
import { ThreadHistory } from '../loaded/thread-history.js';
import { findApiKey } from '../options/api-key.js';
import { Redactor, Secret } from '../redaction.js';
import { isSecretName } from '../secret-name.js';
import { timers } from '../timers.js';
import { frozen } from '../validation.js';
import { requesterOf } from './requester-of.js';
import { RolloutDetails } from './rollout-details.js';
import { rolloutTexts } from './rollout-files.js';
import type { ThreadExport } from './thread-export.js';

/**
 * Reads all stored data of a thread: its turns and items (`thread/read`, `thread/turns/list`), its labels
 * (`thread/attachment/list`), and the details from its rollout file. It takes no lock, so it works while another
 * process has the thread loaded.
 *
 * Secrets are replaced by `[redacted]`: the client's key, the values of environment variables whose names indicate a
 * secret, and text in the form of a credential.
 *
 * @throws `ThreadStateError` if the thread is unknown
 * @throws `TransportError` if codex-rs cannot be started
 *
 * @example
 * ```ts
 * const page = renderThread(await exportThread(codex, threadId));
 * await writeFile(file, page);
 * ```
 */
export async function exportThread(codex: Codex, threadId: string): Promise<ThreadExport> {
  const server = await requesterOf(codex);
  const history = new ThreadHistory(server, threadId);
  const thread = (await history.withTurns(await history.read())).toJSON();
  const labels = await new ThreadAttachments(server, threadId).labels();
  const itemIds = new Set(thread.turns.flatMap(({ items }) => items.map(({ id }) => id)));
  const exported = {
    version: 1,
    exportedAt: new timers.Date().toISOString(),
    thread,
    labels: labels.toJSON(),
    details: await detailsOf(server, thread.path, itemIds),
  };
  return frozen(redactorOf(codex).redactValue(exported) as ThreadExport);
}

async function detailsOf(
  server: Requester,
  path: string | null,
  itemIds: ReadonlySet<string>,
): Promise<ThreadExport['details']> {
  const texts = path === null ? null : await rolloutTexts(server, path);
  if (texts === null) return null;
  const details = new RolloutDetails();
  for (const text of texts) for (const line of text.split('\n')) details.accept(line);
  return details.finish(itemIds);
}

function redactorOf({ options }: Codex): Redactor {
  const { continuationSecret, env } = options;
  const apiKey = findApiKey(options, process.env)?.key;
  const variables = Object.entries(env ?? process.env)
    .filter(([name]) => isSecretName(name))
    .map(([, value]) => new Secret(value ?? ''));
  return new Redactor(
    [apiKey, continuationSecret, ...variables].filter((key) => key !== undefined),
  );
}
