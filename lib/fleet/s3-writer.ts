import type { Readable } from 'node:stream';
import { inPieces } from './in-pieces.js';
import type { S3Api, S3Parts, S3Place } from './s3-api.js';

/** S3 accepts parts of at least 5 MiB, and at most 10,000 of them. */
const bytesApiece = 8 * 2 ** 20;

/** Writes an object of any size with only two parts in memory. The write is atomic. */
export class S3Writer {
  readonly #client: S3Api;
  readonly #place: S3Place;

  constructor(client: S3Api, place: S3Place) {
    this.#client = client;
    this.#place = place;
  }

  async write(bytes: Readable): Promise<void> {
    const pieces = inPieces(bytes, bytesApiece);
    const first = await pieces.next();
    const second = first.done === true ? first : await pieces.next();
    if (second.done === true) {
      const Body = first.done === true ? Buffer.alloc(0) : first.value;
      await this.#client.putObject({ ...this.#place, Body });
    } else await this.#writeParts(all(first.value as Buffer, second.value, pieces));
  }

  async #writeParts(pieces: AsyncIterable<Buffer>): Promise<void> {
    const { UploadId } = await this.#client.createMultipartUpload(this.#place);
    const upload = { ...this.#place, UploadId };
    try {
      const Parts: S3Parts['MultipartUpload']['Parts'] = [];
      for await (const Body of pieces) {
        const PartNumber = Parts.length + 1;
        const { ETag } = await this.#client.uploadPart({ ...upload, PartNumber, Body });
        Parts.push({ PartNumber, ETag });
      }
      await this.#client.completeMultipartUpload({ ...upload, MultipartUpload: { Parts } });
    } catch (error) {
      // The first error is the relevant one; a lifecycle rule of the bucket removes remaining parts.
      await this.#client.abortMultipartUpload(upload).catch(() => undefined);
      throw error;
    }
  }
}

async function* all(
  first: Buffer,
  second: Buffer,
  rest: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  yield first;
  yield second;
  yield* rest;
}
