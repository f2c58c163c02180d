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

/** What belongs to a thread wherever it is. The rest is the business of one home, or of others. */
export const movingTypes: readonly string[] = [
  labelType,
  baselineType,
  toolsType,
  environmentsType,
];

/** What `thread/settings/update` puts back after a turn with settings of its own. */
export type Restoration = Omit<ThreadSettingsUpdateParams, 'threadId'>;

/** What a home keeps of a thread's own settings. */
export interface Baseline {
  /** What puts back the settings that turns have changed, or null. */
  readonly settings: Restoration | null;
  /** The sandbox that the thread last ran in by itself, or null; codex-rs forgets `workspace-write`. */
  readonly sandbox: OwnSandbox | null;
}

/**
 * What this library stores with a thread: its labels, its own settings while turns change them, the digests of its
 * tools, and its environments. The attachments are listed at most once, so there is one value for each load of the thread.
 *
 * The baseline is like a write-ahead log: after a crash, its settings are put back before anything runs.
 *
 * A codex-rs that is too old to have attachments stores nothing: reading finds nothing, and writing fails.
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

  /** Why codex-rs stores nothing, or null as far as is known. */
  get obstacle(): UnsupportedCodexError | null {
    return this.#obstacle;
  }

  /** Stores something, or reports once that this codex-rs cannot: the turn runs all the same. */
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

  /** The labels. Reading works without loading the thread. */
  async labels(): Promise<Labels> {
    const keys = [...(await this.#of(labelType)).keys()].filter((key) => /^[^=]+=./s.test(key));
    return Labels.from(
      keys.map((key): [string, string] => {
        const split = key.indexOf('=');
        return [key.slice(0, split), key.slice(split + 1)];
      }),
    );
  }

  /** Makes the labels these. Needs a started turn. */
  async writeLabels(labels: Labels): Promise<void> {
    const wanted = labelKeys(labels);
    for (const key of (await this.#of(labelType)).keys())
      if (!wanted.includes(key)) await this.#remove(labelType, key);
    for (const key of wanted) await this.#put(labelType, key, {});
  }

  /** The thread's own settings. Reading works without loading the thread. */
  async baseline(): Promise<Baseline> {
    const stored = await this.#of(baselineType);
    const [settings, sandbox] = [stored.get('settings'), stored.get('sandbox')];
    return {
      settings: isPlainObject(settings) ? settings : null,
      sandbox: isPlainObject(sandbox) ? sandboxIn(sandbox) : null,
    };
  }

  /** Stores one part of the baseline, or removes it. Needs a started turn. */
  async keep<Part extends keyof Baseline>(part: Part, value: Baseline[Part]): Promise<void> {
    await (value === null
      ? this.#remove(baselineType, part)
      : this.#put(baselineType, part, value));
  }

  /**
   * Claims something for this client: of several that do it at once, one succeeds. Needs a thread that is on the disk.
   */
  async claim(what: string): Promise<boolean> {
    const { outcome } = await this.#add(claimType, digestOf(what), {});
    return outcome === 'created';
  }

  /** Gives back what {@link ThreadAttachments.claim} has claimed, here or elsewhere. */
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

  /** Stores the digests of the tools. Needs a started turn. */
  async keepToolDigests(digests: JsonValue): Promise<void> {
    await this.#put(toolsType, toolsKey, digests);
  }

  /** The names of the environments that its commands run in; empty if they run where codex-rs does. */
  async environments(): Promise<readonly string[]> {
    const stored = (await this.#of(environmentsType)).get(environmentsKey);
    if (!Array.isArray(stored)) return [];
    return stored.map((each) =>
      isPlainObject(each) && typeof each.name === 'string' ? each.name : '?',
    );
  }

  /** Stores the environments, or removes them if there are none. Needs a thread that codex-rs keeps. */
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
    // codex-rs keeps the payload that was there first, such as that of another client.
    const { outcome, attachment } = await this.#add(type, key, payload);
    if (outcome === 'existing' && !isDeepStrictEqual(attachment.payload, payload)) {
      await this.#remove(type, key);
      await this.#add(type, key, payload);
    }
    stored.set(key, payload);
    await this.#record();
  }

  /** Other machines that share the home find it there. */
  async #record(): Promise<void> {
    const stored = await this.#listed;
    if (stored === null) return;
    const own = movingTypes.map((type) => [
      type,
      // A label has no payload, and may be none of this machine.
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

  /** Removes an attachment that is there, or may be. */
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
      // A label of another machine is not known to the database here, which finds threads by it.
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

/** What it means that something is not stored; null where a resume reports it (`sandbox-unknown`). */
const losses = {
  labels: 'The labels of the thread are not stored.',
  tools: 'The tools of the thread are not stored, so a resume cannot check them.',
  settings:
    'The settings of the thread are not stored while a turn runs with others, so a crash may leave those of the turn.',
  sandbox: null,
} as const;

/** Payloads by identity key. Undefined where a change was not confirmed: the attachment may be there or not. */
type Payloads = Map<string, JsonValue | undefined>;

type StoredAttachments = Map<string, Payloads>;

/** codex-rs takes keys of up to 256 bytes. */
function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Each label is an attachment of its own, so that codex-rs finds the threads that have it. */
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
