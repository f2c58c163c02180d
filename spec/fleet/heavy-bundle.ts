// A program that packs and unpacks a rollout of the given size, and prints the memory used in addition to that of Node.
// usage: node heavy-bundle.js DIRECTORY MIB
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { headOf } from '../../lib/fleet/bundle-manifest.js';
import { BundleSpool } from '../../lib/fleet/bundle-spool.js';
import { bundleStream } from '../../lib/fleet/bundle-stream.js';
import { rolloutChain } from '../../lib/fleet/rollout-chain.js';
import { ContinuationToken } from '../../lib/record/continuation-token.js';

const [, , home = '', mebibytes = ''] = process.argv;
const threadId = '01a219e6-ca06-7a21-a125-aaa840cb5060';
const turnId = '01a219e6-ca23-7912-a796-36e799bd3a02';
const file = join(home, `rollout-2026-11-26T22-08-05-${threadId}.jsonl`);

function* lines(): Generator<string> {
  yield line('session_meta', { id: threadId });
  yield line('event_msg', { type: 'task_started', turn_id: turnId });
  const words = Array.from({ length: 64 }, (_, index) => index.toString(36).repeat(16)).join(' ');
  for (let written = 0; written < Number(mebibytes); written += 1)
    yield line('response_item', { text: `${String(written)} ${words.repeat(655)}` });
  yield line('event_msg', { type: 'task_complete', turn_id: turnId });
}

function line(type: string, payload: object): string {
  return `${JSON.stringify({ type, payload })}\n`;
}

async function main(): Promise<void> {
  await mkdir(home, { recursive: true });
  await pipeline(Readable.from(lines()), createWriteStream(file));
  const before = process.resourceUsage().maxRSS;
  const chain = await rolloutChain(home, file, turnId);
  const manifest = {
    threadId,
    continuation: String(ContinuationToken.issue({ threadId, turnId })),
    codexVersion: null,
    name: null,
    attachments: [],
    files: chain.map(({ name: { path }, summary: { size, sha256 } }) => ({ path, size, sha256 })),
  };
  const bundle = join(home, 'bundle');
  await pipeline(bundleStream(headOf(manifest, undefined), chain), createWriteStream(bundle));
  await using spool = await BundleSpool.fill(createReadStream(bundle), {
    home,
    secret: undefined,
    maxBytes: 2 ** 31,
    accept: () => undefined,
  });
  const [unpacked] = spool.files;
  const after = process.resourceUsage().maxRSS;
  console.log(
    JSON.stringify({
      bytes: unpacked?.summary.size,
      grownMiB: Math.round((after - before) / 1024),
    }),
  );
}

void main();
