import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { isRecord } from '../shapes.js';
import { reportProblem } from '../telemetry/report-problem.js';
import type { S3Api } from './s3-api.js';
import { S3Writer } from './s3-writer.js';
import { goneBundle } from './thread-conflict-error.js';
import { ThreadStore, type StoredValue, type WrittenValue } from './thread-store.js';

/** Properties of an {@link S3ThreadStore}. @inline */
export interface S3ThreadStoreProps {
  /** The S3 client, such as an `S3` of `@aws-sdk/client-s3`. The program owns it: the store does not end it. */
  readonly client: S3Api;
  /** The bucket. It must exist. */
  readonly bucket: string;
  /** The prefix of all object names, such as `threads/`. Defaults to the empty prefix. */
  readonly prefix?: string;
}

/**
 * Stores threads in S3, or in a compatible service that honours `If-Match` and `If-None-Match` on writes: only these
 * prevent two workers from overwriting each other. A bundle is written under a separate name, in parts of 8 MiB, before the
 * record refers to it.
 *
 * @example
 * ```ts
 * const store = new S3ThreadStore({ client, bucket, prefix: 'threads/' });
 * const turn = { idempotencyKey: 'job-7' };
 * const outcome = await runTurn(store, codex, 'PAY-123', 'Write the migration', turn);
 * ```
 */
export class S3ThreadStore extends ThreadStore {
  readonly #client: S3Api;
  readonly #bucket: string;
  readonly #prefix: string;

  constructor({ client, bucket, prefix = '' }: S3ThreadStoreProps) {
    super();
    this.#client = client;
    this.#bucket = bucket;
    this.#prefix = prefix;
  }

  protected override async read(key: string): Promise<StoredValue | null> {
    const state = await this.#state(key);
    if (state === null) return null;
    const { version, record, bundle } = state;
    const stream = (name: string): Readable =>
      Readable.from(this.#bytesOf(key, name), { objectMode: false });
    return { version, record, bundle: bundle === null ? null : () => stream(bundle) };
  }

  protected override async write(
    key: string,
    { record, bundle: bytes }: WrittenValue,
    ifVersion: string | null,
  ): Promise<string | null> {
    const before = await this.#state(key);
    if ((before?.version ?? null) !== ifVersion) return null;
    const bundle = bytes === null ? null : `${this.#prefix}bundles/${randomUUID()}`;
    if (bytes !== null && bundle !== null)
      await new S3Writer(this.#client, this.#place(bundle)).write(bytes);
    const version = await this.#put(key, { id: randomUUID(), record, bundle }, ifVersion);
    const left = version === null ? bundle : (before?.bundle ?? null);
    if (left !== null) await this.#drop(left);
    return version;
  }

  protected override async remove(key: string): Promise<void> {
    const before = await this.#state(key);
    if (before === null) return;
    await this.#client.deleteObject(this.#place(this.#nameOf(key)));
    if (before.bundle !== null) await this.#drop(before.bundle);
  }

  protected override async *keys(): AsyncGenerator<string> {
    const Prefix = `${this.#prefix}records/`;
    let ContinuationToken: string | undefined;
    do {
      const params = { Bucket: this.#bucket, Prefix, ContinuationToken };
      const page = await this.#client.listObjectsV2(params);
      for (const { Key = '' } of page.Contents ?? [])
        if (Key.endsWith(ending)) yield keyIn(Key.slice(Prefix.length));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
  }

  async #state(key: string): Promise<(State & { readonly version: string }) | null> {
    const object = await this.#get(this.#nameOf(key));
    if (object === null) return null;
    const state = JSON.parse(String(await buffer(object.body))) as State;
    return { ...state, version: object.tag };
  }

  async #put(key: string, state: State, ifVersion: string | null): Promise<string | null> {
    const condition = ifVersion === null ? { IfNoneMatch: '*' } : { IfMatch: ifVersion };
    const Body = Buffer.from(JSON.stringify(state));
    try {
      const put = { ...this.#place(this.#nameOf(key)), ...condition, Body };
      return (await this.#client.putObject(put)).ETag ?? null;
    } catch (error) {
      if (![404, 409, 412].includes(statusOf(error) ?? 0)) throw error;
      // The client retries when a response is lost, and then finds its own write.
      const now = await this.#state(key);
      return now?.id === state.id ? now.version : null;
    }
  }

  async *#bytesOf(key: string, name: string): AsyncGenerator<Buffer> {
    const object = await this.#get(name);
    if (object === null) throw goneBundle(key);
    for await (const chunk of object.body) yield chunk as Buffer;
  }

  async #get(name: string): Promise<{ readonly tag: string; readonly body: Readable } | null> {
    try {
      const { Body, ETag = '' } = await this.#client.getObject(this.#place(name));
      return { tag: ETag, body: Body as Readable };
    } catch (error) {
      if (statusOf(error) === 404) return null;
      throw error;
    }
  }

  /** Nothing refers to it: if the removal fails, it only uses space. */
  async #drop(name: string): Promise<void> {
    await this.#client.deleteObject(this.#place(name)).catch((error: unknown) => {
      reportProblem(null, 'store', error);
    });
  }

  #place(name: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: name };
  }

  #nameOf(key: string): string {
    return `${this.#prefix}records/${nameFor(key)}`;
  }
}

/** The content of a key's object. */
interface State {
  readonly id: string;
  readonly record: string;
  /** The name of the object with the bundle, or null. */
  readonly bundle: string | null;
}

const ending = '.json';

/** Allows any characters, with folder names short enough for services that store objects as files. */
function nameFor(key: string): string {
  const parts =
    Buffer.from(key)
      .toString('base64url')
      .match(/.{1,200}/g) ?? [];
  return `${parts.join('/')}${ending}`;
}

function keyIn(name: string): string {
  const text = name.slice(0, -ending.length).replaceAll('/', '');
  return Buffer.from(text, 'base64url').toString();
}

function statusOf(error: unknown): number | null {
  const metadata = isRecord(error) ? error.$metadata : null;
  const status = isRecord(metadata) ? metadata.httpStatusCode : null;
  return typeof status === 'number' ? status : null;
}
