import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type {
  JsonValue,
  ThreadAttachmentAddResponse,
  ThreadSettingsUpdateParams,
} from '../protocol/index.js';
import { paged } from '../wire/paged.js';
import { UnsupportedCodexError } from '../wire/unsupported-codex-error.js';
import type { ThreadEnvironment } from '../options/thread-environment.js';
import { Labels } from '../record/labels.js';
import { isPlainObject } from '../shapes.js';
import { reportProblem } from '../telemetry/report-problem.js';
import { sandboxIn, type OwnSandbox } from './own-sandbox.js';
import type { Requester } from './requester.js';
import { ThreadRecords, type RecordedAttachments } from './thread-records.js';

const labelType = 'codex-threads.label';
const baselineType = 'codex-threads.baseline';
const claimType = 'codex-threads.claim';
const toolsType = 'codex-threads.tools';
const toolsKey = 'digests';
const environmentsType = 'codex-threads.environments';
const environmentsKey = 'selection';

/** The attachment types that move with a thread. All others are specific to one home or to other programs. */
export const movingTypes: readonly string[] = [
  labelType,
  baselineType,
  toolsType,
  environmentsType,
];

/** The settings that `thread/settings/update` restores after a turn with its own settings. */
export type Restoration = Omit<ThreadSettingsUpdateParams, 'threadId'>;

/** A thread's own settings as stored in a home. */
export interface Baseline {
  /** The settings to restore after turns changed them, or null. */
  readonly settings: Restoration | null;
  /** The last sandbox of the thread itself, or null; codex-rs forgets `workspace-write`. */
  readonly sandbox: OwnSandbox | null;
}

/**
 * The data that this library stores with a thread: its labels, its own settings while turns change them, the digests of its
 * tools, and its environments. The attachments are listed at most once, so each load of the thread has its own instance.
 *
 * The baseline is like a write-ahead log: after a crash, its settings are restored before anything runs.
 *
 * A codex-rs version without attachments stores nothing: reading returns nothing, and writing fails.
 */
export class ThreadAttachments {
  readonly #server: Requester;
  readonly #threadId: string;
  readonly #records: ThreadRecords;
  #listed: Promise<StoredAttachments> | null = null;
  #obstacle: UnsupportedCodexError | null = null;
  readonly #reported = new Set<string>();

  constructor(server: Requester, threadId: string) {
    this.#server = server;
    this.#threadId = threadId;
    this.#records = new ThreadRecords(server, threadId);
  }

  /** The ids of the threads that have all these labels. */
  static async find(server: Requester, labels: Labels, archived: boolean): Promise<string[]> {
    const owners = await Promise.all(
      labelKeys(labels).map(async (key) => ownersOf(server, key, archived)),
    );
    const [first = new Set<string>(), ...others] = owners;
    return [...first].filter((id) => others.every((ids) => ids.has(id)));
  }

  /** The thread was just started, so it has none. */
  expectNone(): void {
    this.#listed = Promise.resolve(new Map());
  }

  /** The reason why codex-rs cannot store attachments, or null if none is known. */
  get obstacle(): UnsupportedCodexError | null {
    return this.#obstacle;
  }

  /** Stores data, or reports once that this codex-rs cannot: the turn still runs. */
  async ifPossible(what: keyof typeof losses, store: () => Promise<void>): Promise<void> {
    try {
      if (this.#obstacle === null) await store();
    } catch (error) {
      if (!UnsupportedCodexError.is(error)) throw error;
      this.#obstacle = error;
    }
    const loss = losses[what];
    if (this.#obstacle === null || loss === null || this.#reported.has(what)) return;
    this.#reported.add(what);
    reportProblem(this.#threadId, what, `${loss} ${this.#obstacle.message}`);
  }

  /** The labels. Reading does not require loading the thread. */
  async labels(): Promise<Labels> {
    const keys = [...(await this.#of(labelType)).keys()].filter((key) => /^[^=]+=./s.test(key));
    return Labels.from(
      keys.map((key): [string, string] => {
        const split = key.indexOf('=');
        return [key.slice(0, split), key.slice(split + 1)];
      }),
    );
  }

  /** Replaces the labels. Requires a started turn. */
  async writeLabels(labels: Labels): Promise<void> {
    const wanted = labelKeys(labels);
    for (const key of (await this.#of(labelType)).keys())
      if (!wanted.includes(key)) await this.#remove(labelType, key);
    for (const key of wanted) await this.#put(labelType, key, {});
  }

  /** The thread's own settings. Reading does not require loading the thread. */
  async baseline(): Promise<Baseline> {
    const stored = await this.#of(baselineType);
    const [settings, sandbox] = [stored.get('settings'), stored.get('sandbox')];
    return {
      settings: isPlainObject(settings) ? settings : null,
      sandbox: isPlainObject(sandbox) ? sandboxIn(sandbox) : null,
    };
  }

  /** Stores one part of the baseline, or removes it. Requires a started turn. */
  async keep<Part extends keyof Baseline>(part: Part, value: Baseline[Part]): Promise<void> {
    await (value === null
      ? this.#remove(baselineType, part)
      : this.#put(baselineType, part, value));
  }

  /**
   * Claims a key for this client: of several concurrent claims, one succeeds. Requires a thread on disk.
   */
  async claim(what: string): Promise<boolean> {
    const { outcome } = await this.#add(claimType, digestOf(what), {});
    return outcome === 'created';
  }

  /** Releases a claim of {@link ThreadAttachments.claim}, made here or elsewhere. */
  async disclaim(what: string): Promise<void> {
    const params = { threadId: this.#threadId, attachmentType: claimType };
    await this.#server.request('thread/attachment/remove', {
      ...params,
      identityKey: digestOf(what),
    });
  }

  /** The digests of the tools that the thread was started with, or undefined. */
  async toolDigests(): Promise<JsonValue | undefined> {
    return (await this.#of(toolsType)).get(toolsKey);
  }

  /** Stores the digests of the tools. Requires a started turn. */
  async keepToolDigests(digests: JsonValue): Promise<void> {
    await this.#put(toolsType, toolsKey, digests);
  }

  /** The names of the environments that its commands run in; empty if they run on the machine of codex-rs. */
  async environments(): Promise<readonly string[]> {
    const stored = (await this.#of(environmentsType)).get(environmentsKey);
    if (!Array.isArray(stored)) return [];
    return stored.map((each) =>
      isPlainObject(each) && typeof each.name === 'string' ? each.name : '?',
    );
  }

  /** Stores the environments, or removes them if there are none. Requires a thread that codex-rs stores. */
  async keepEnvironments(environments: readonly ThreadEnvironment[]): Promise<void> {
    await (environments.length === 0
      ? this.#remove(environmentsType, environmentsKey)
      : this.#put(
          environmentsType,
          environmentsKey,
          environments.map((each) => ({ ...each })),
        ));
  }

  async #put(type: string, key: string, payload: JsonValue): Promise<void> {
    const stored = await this.#of(type);
    if (isDeepStrictEqual(stored.get(key), payload)) return;
    await this.#remove(type, key);
    stored.set(key, undefined);
    // codex-rs keeps an existing payload, such as that of another client.
    const { outcome, attachment } = await this.#add(type, key, payload);
    if (outcome === 'existing' && !isDeepStrictEqual(attachment.payload, payload)) {
      await this.#remove(type, key);
      await this.#add(type, key, payload);
    }
    stored.set(key, payload);
    await this.#record();
  }

  /** Other machines that share the home can read it there. */
  async #record(): Promise<void> {
    const stored = await this.#listed;
    if (stored === null) return;
    const own = movingTypes.map((type) => [
      type,
      // A label has no payload, and may belong to another machine.
      Object.fromEntries(
        [...(stored.get(type) ?? [])].map(([key, payload]) => [key, payload ?? {}]),
      ),
    ]);
    await this.#records.write(Object.fromEntries(own) as RecordedAttachments);
  }

  async #add(
    attachmentType: string,
    identityKey: string,
    payload: JsonValue,
  ): Promise<ThreadAttachmentAddResponse> {
    const params = { threadId: this.#threadId, attachmentType, identityKey, payload };
    return this.#server.request('thread/attachment/add', params);
  }

  /** Removes an attachment that exists, or may exist. */
  async #remove(attachmentType: string, identityKey: string): Promise<void> {
    const stored = await this.#of(attachmentType);
    if (!stored.has(identityKey) || this.#obstacle !== null) return;
    stored.set(identityKey, undefined);
    const params = { threadId: this.#threadId, attachmentType, identityKey };
    await this.#server.request('thread/attachment/remove', params);
    stored.delete(identityKey);
    await this.#record();
  }

  async #of(type: string): Promise<Payloads> {
    this.#listed ??= this.#list();
    const stored = await this.#listed;
    const payloads: Payloads = stored.get(type) ?? new Map<string, JsonValue | undefined>();
    stored.set(type, payloads);
    return payloads;
  }

  async #list(): Promise<StoredAttachments> {
    const stored: StoredAttachments = new Map();
    const attachments = paged(this.#server, async (cursor) =>
      this.#server.request('thread/attachment/list', { threadId: this.#threadId, cursor }),
    );
    try {
      for await (const { attachmentType, identityKey, payload } of attachments)
        stored.set(
          attachmentType,
          (stored.get(attachmentType) ?? new Map<string, JsonValue>()).set(identityKey, payload),
        );
    } catch (error) {
      this.#listed = null;
      if (!UnsupportedCodexError.is(error)) throw error;
      this.#obstacle = error;
    }
    const recorded = await this.#records.read();
    if (recorded === null) return stored;
    for (const type of movingTypes) {
      const here: Payloads = stored.get(type) ?? new Map<string, JsonValue | undefined>();
      const entries = Object.entries(recorded[type] ?? {});
      // The local database, which finds threads by label, does not have the labels of another machine.
      stored.set(
        type,
        new Map(
          entries.map(([key, payload]) => [
            key,
            type === labelType && !here.has(key) ? undefined : payload,
          ]),
        ),
      );
    }
    return stored;
  }
}

/** The consequence of missing storage; null if a resume reports it (`sandbox-unknown`). */
const losses = {
  labels: 'The labels of the thread are not stored.',
  tools: 'The tools of the thread are not stored, so a resume cannot check them.',
  settings:
    'The settings of the thread are not stored while a turn overrides them, so a crash may leave the overrides in place.',
  sandbox: null,
} as const;

/** Payloads by identity key. Undefined if a change was not confirmed: the attachment may or may not exist. */
type Payloads = Map<string, JsonValue | undefined>;

type StoredAttachments = Map<string, Payloads>;

/** codex-rs accepts keys of up to 256 bytes. */
function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Each label is a separate attachment, so that codex-rs can find threads by label. */
function labelKeys(labels: Labels): string[] {
  return [...labels].map(([name, value]) => `${name}=${value}`);
}

async function ownersOf(server: Requester, key: string, archived: boolean): Promise<Set<string>> {
  const ids = new Set<string>();
  const owners = paged(server, async (cursor) =>
    server.request('thread/attachmentOwner/list', {
      attachmentType: labelType,
      identityKey: key,
      archived,
      cursor,
    }),
  );
  for await (const { threadId } of owners) ids.add(threadId);
  return ids;
}
