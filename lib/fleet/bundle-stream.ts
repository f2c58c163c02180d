import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { readStart, type ChainedFile } from './rollout-chain.js';

/** How hard it is compressed: more takes much longer, and saves little. */
const level = 3;

/** The bytes of a bundle: its two first lines and the contents of its files, one behind the other, compressed. */
export function bundleStream(head: string, files: readonly ChainedFile[]): Readable {
  const zipped = createGzip({ level });
  const plain = Readable.from(contentOf(head, files), { objectMode: false });
  plain.once('error', (error) => zipped.destroy(error));
  zipped.once('close', () => plain.destroy());
  return plain.pipe(zipped);
}

async function* contentOf(head: string, files: readonly ChainedFile[]): AsyncGenerator<Buffer> {
  yield Buffer.from(head);
  for (const { file, summary } of files) yield* readStart(file, summary.size);
}
