import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { readStart, type ChainedFile } from './rollout-chain.js';

/** The compression level: higher levels take much longer and save little. */
const level = 3;

/** The bytes of a bundle: its first two lines and the contents of its files, concatenated and compressed. */
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
