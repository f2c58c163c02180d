import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { JsonValue } from '../protocol/index.js';
import { CodexError } from '../errors.js';
import { threadIdProblem } from '../ids.js';
import type { Secret } from '../redaction.js';
import { movingTypes } from '../loaded/thread-attachments.js';
import { ContinuationToken } from '../record/continuation-token.js';
import { isPlainObject } from '../shapes.js';
import { BundleError, damaged, foreign, malformed } from './bundle-error.js';
import { RolloutName } from './rollout-name.js';

/** One file of a bundle. @inline */
export interface BundledFile {
  /** Its path, relative to a home. */
  readonly path: string;
  /** Its size in bytes. */
  readonly size: number;
  /** The digest of its bytes, in hex. */
  readonly sha256: string;
}

/** The data that this library stores with a thread outside its rollout. @inline */
export interface BundledAttachment {
  /** Its type: `codex-threads.label`, `codex-threads.baseline` or `codex-threads.tools`. */
  readonly attachmentType: string;
  /** Its key within the type. */
  readonly identityKey: string;
  /** Its value. */
  readonly payload: JsonValue;
}

/** The manifest of a bundle, which precedes its files. */
export interface BundleManifest {
  /** The thread. */
  readonly threadId: string;
  /** The state of the thread, as the text of a continuation token: the version of the bundle. */
  readonly continuation: string;
  /** The version of the codex-rs that wrote it, or null if unknown. */
  readonly codexVersion: string | null;
  /** The name of the thread, or null. */
  readonly name: string | null;
  /** Labels, settings baseline and tool digests. */
  readonly attachments: readonly BundledAttachment[];
  /** The rollout files: the thread's own first, then each file that it continues. */
  readonly files: readonly BundledFile[];
}

const mark = 'codex-threads-bundle 1';
const longestManifest = 2 ** 20;
const mostFiles = 10_000;

/** The first two lines of a bundle: its format and seal, then its manifest. */
export function headOf(manifest: BundleManifest, secret: Secret | undefined): string {
  const json = JSON.stringify(manifest);
  return `${mark} ${seal(json, secret)}\n${json}\n`;
}

/** Reads the first two lines of a bundle. */
export class ManifestReader {
  #begun = Buffer.alloc(0);

  /** The manifest and the bytes after it, once the manifest is complete; null before. */
  accept(
    chunk: Buffer,
    secret: Secret | undefined,
  ): { readonly manifest: BundleManifest; readonly rest: Buffer } | null {
    this.#begun = Buffer.concat([this.#begun, chunk]);
    const known = this.#begun.subarray(0, mark.length).toString();
    if (!mark.startsWith(known) && !known.startsWith(mark))
      throw malformed('its first line is not that of a bundle of this version');
    const first = this.#begun.indexOf(10);
    const second = first === -1 ? -1 : this.#begun.indexOf(10, first + 1);
    if (second === -1) {
      if (this.#begun.length > longestManifest) throw malformed('its manifest is too long');
      return null;
    }
    const given = this.#begun.subarray(mark.length + 1, first).toString();
    const json = this.#begun.subarray(first + 1, second).toString();
    checkSeal(given, json, secret);
    return { manifest: manifestIn(json), rest: this.#begun.subarray(second + 1) };
  }
}

/** The decoded token of a bundle. */
export function tokenIn(
  { threadId, continuation }: Pick<BundleManifest, 'threadId' | 'continuation'>,
  secret: Secret | undefined,
): ContinuationToken {
  const token = decoded(continuation, secret);
  if (token.threadId === threadId) return token;
  throw foreign(`its token belongs to thread ${token.threadId} instead of ${threadId}`);
}

function decoded(continuation: string, secret: Secret | undefined): ContinuationToken {
  try {
    return ContinuationToken.decode(continuation, secret);
  } catch (error) {
    if (!CodexError.is(error)) throw error;
    if (error.code === 'tampered') throw tampered(error.message, error);
    throw malformed(error.message, error);
  }
}

function seal(json: string, secret: Secret | undefined): string {
  const hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret.reveal());
  const kind = secret === undefined ? 'u' : 's';
  return `${kind}.${hash.update(`${mark} ${json}`).digest('base64url')}`;
}

function checkSeal(given: string, json: string, secret: Secret | undefined): void {
  const isSigned = given.startsWith('s.');
  if (secret !== undefined && !isSigned) throw tampered('it is not signed');
  if (secret === undefined && isSigned)
    throw tampered('it is signed, but this client has no continuationSecret to verify it');
  const own = Buffer.from(seal(json, secret));
  const other = Buffer.from(given);
  if (own.length === other.length && timingSafeEqual(own, other)) return;
  throw secret === undefined
    ? damaged('the checksum of its manifest does not match')
    : tampered('its signature does not match');
}

function tampered(why: string, cause?: unknown): BundleError {
  return new BundleError(
    'bundle-tampered',
    `The bundle was refused because it is not trusted: ${why}.`,
    cause,
  );
}

function manifestIn(json: string): BundleManifest {
  const value: unknown = parsed(json);
  if (!isPlainObject(value)) throw malformed('its manifest is not an object');
  const { threadId, continuation, codexVersion, name, attachments, files } = value;
  if (threadIdProblem(threadId) !== null) throw malformed('its thread id is not a valid UUID');
  if (typeof continuation !== 'string') throw malformed('it has no continuation token');
  if (!isTextOrNull(codexVersion) || !isTextOrNull(name))
    throw malformed('its version or name is not a string');
  if (!Array.isArray(attachments) || !attachments.every(isOwnAttachment))
    throw malformed('its manifest lists an attachment that does not move with a thread');
  if (!Array.isArray(files) || files.length === 0 || files.length > mostFiles)
    throw malformed(`its manifest must list 1 to ${mostFiles} files`);
  const bad: unknown = files.find((file) => !isBundledFile(file));
  if (bad !== undefined)
    throw malformed(
      `its manifest lists a file that is not a rollout of codex-rs: ${JSON.stringify(bad).slice(0, 200)}`,
    );
  const list = files as readonly BundledFile[];
  if (new Set(list.map(({ path }) => path)).size < list.length)
    throw malformed('its manifest lists a file twice');
  return value as unknown as BundleManifest;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw malformed('its manifest is not valid JSON', error);
  }
}

function isOwnAttachment(value: unknown): boolean {
  if (!isPlainObject(value)) return false;
  const { attachmentType: type, identityKey: key } = value;
  return (
    typeof type === 'string' &&
    movingTypes.includes(type) &&
    typeof key === 'string' &&
    'payload' in value
  );
}

function isBundledFile(value: unknown): boolean {
  if (!isPlainObject(value)) return false;
  const { path, size, sha256 } = value;
  const isPath = typeof path === 'string' && RolloutName.at(path) !== null;
  const isSize = Number.isSafeInteger(size) && (size as number) >= 0;
  return isPath && isSize && typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256);
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}
