import type { Codex } from '../codex.js';
import { ThreadBusyError } from '../loaded/thread-busy-error.js';
import { movingTypes } from '../loaded/thread-attachments.js';
import { ThreadStateError } from '../loaded/thread-state-error.js';
import type { ContinuationToken } from '../record/continuation-token.js';
import { ThreadMetadata } from '../record/thread-metadata.js';
import type { ResumeClaim } from '../resume/resume-claim.js';
import { ResumeValidator } from '../resume/resume-validator.js';
import type { ResumeVerdict } from '../resume/resume-verdict.js';
import { paged } from '../wire/paged.js';
import type { ThreadBuilder } from '../thread/thread-builder.js';
import type { Thread } from '../thread/thread.js';
import { BundleError } from './bundle-error.js';
import type { BundleManifest } from './bundle-manifest.js';
import type { BundlePlacement } from './bundle-placement.js';

/** A thread whose files come from another home: replaces the copy in this home. */
export class PlacedThread {
  readonly #codex: Codex;
  readonly #manifest: BundleManifest;
  readonly #placement: BundlePlacement;

  constructor(codex: Codex, manifest: BundleManifest, placement: BundlePlacement) {
    this.#codex = codex;
    this.#manifest = manifest;
    this.#placement = placement;
  }

  /**
   * Moves the files into place and stores the thread's attachments before the thread is loaded, so that it never runs
   * without its own settings.
   *
   * @throws `ThreadBusyError` if it is loaded; {@link BundleError} `bundle-in-the-way`
   */
  async place(): Promise<void> {
    const { threadId, name, attachments } = this.#manifest;
    await this.#refuseLoaded();
    const missing = await this.#placement.missing(threadId);
    if (await this.#removed()) await this.#placement.place(missing);
    else await this.#extend();
    // codex-rs discovers a placed thread when it is read.
    const { thread } = await this.#codex.request('thread/read', { threadId });
    for (const attachment of attachments)
      await this.#codex.request('thread/attachment/add', { threadId, ...attachment });
    if (name !== null && thread.name !== name)
      await this.#codex.request('thread/name/set', { threadId, name });
  }

  /**
   * Loads the placed thread. With a token, its end is checked after loading.
   *
   * @throws `ResumeRejectedError` if it does not end there
   */
  async load(builder: ThreadBuilder, continuation: ContinuationToken | null): Promise<Thread> {
    const { threadId } = this.#manifest;
    const resumeValidator = new PlacedResumeValidator();
    const proof = continuation === null ? {} : { continuation };
    const thread = await builder.resume(threadId, { resumeValidator, ...proof });
    await thread.open();
    return thread;
  }

  async #refuseLoaded(): Promise<void> {
    const { threadId } = this.#manifest;
    const loaded = await this.#codex.loadedThreads();
    if (loaded.includes(threadId)) throw new ThreadBusyError(threadId, { action: importing });
  }

  /** Removes the thread and its index from codex-rs. False if its forks need it. */
  async #removed(): Promise<boolean> {
    try {
      await this.#codex.deleteThread(this.#manifest.threadId);
      return true;
    } catch (error) {
      if (!ThreadStateError.is(error)) throw error;
      if (error.code === 'thread-has-forks') return false;
      if (error.code === 'thread-unknown' || error.code === 'thread-never-ran') return true;
      throw error;
    }
  }

  /** Forks need the files that they continue: the files here may grow, but their content must not change. */
  async #extend(): Promise<void> {
    const { threadId } = this.#manifest;
    if (await this.#placement.extend(threadId)) return this.#detach();
    throw new BundleError(
      'bundle-in-the-way',
      `The bundle was refused: forks on this machine depend on the local history of thread ${threadId}, and the bundle has a different one. Delete the forks, or import it on another machine.`,
    );
  }

  /** codex-rs keeps the value of an existing attachment. */
  async #detach(): Promise<void> {
    const { threadId } = this.#manifest;
    const kept = paged(null, async (cursor) =>
      this.#codex.request('thread/attachment/list', { threadId, cursor }),
    );
    for await (const { attachmentType, identityKey } of kept)
      if (movingTypes.includes(attachmentType)) {
        const params = { threadId, attachmentType, identityKey };
        await this.#codex.request('thread/attachment/remove', params);
      }
  }
}

const importing = 'ThreadBundle.import()';

/** The files were just checked and moved into place: their end is checked when the thread is loaded. */
class PlacedResumeValidator extends ResumeValidator {
  protected override async judge(claim: ResumeClaim): Promise<ResumeVerdict> {
    const { thread } = await claim.request('thread/read', { threadId: claim.threadId });
    return { accepted: true, metadata: ThreadMetadata.fromJSON(thread), warnings: [] };
  }
}
