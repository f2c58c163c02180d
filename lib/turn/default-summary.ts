import { paged } from '../wire/paged.js';
import { text, decode } from '../wire/decode.js';
import type { ReasoningSummary } from '../protocol/index.js';
import { settingAt } from '../options/config-record.js';
import type { ThreadOptions } from '../options/thread-options.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';

/**
 * The summary that a thread's turns have when nobody chooses one. codex-rs cannot be told to unset it, so it has to be
 * found out what it comes to, where codex-rs finds it too.
 */
export class DefaultSummary {
  readonly #thread: LoadedThread;
  readonly #base: ThreadOptions;

  /** @param base - the thread's own options */
  constructor(thread: LoadedThread, base: ThreadOptions) {
    this.#thread = thread;
    this.#base = base;
  }

  /**
   * The thread's own, else what it last reported, else that of the configuration, else that of the model.
   *
   * @param known - what codex-rs has said of the loaded thread itself, if it has
   */
  async find(known: ReasoningSummary | null): Promise<ReasoningSummary> {
    const { modelReasoningSummary, config } = this.#base;
    const own = modelReasoningSummary ?? known ?? undefined;
    if (own !== undefined) return own;
    const configured = config && settingAt(config, 'model_reasoning_summary');
    if (typeof configured === 'string') return configured as ReasoningSummary;
    return (await this.#ofConfiguration()) ?? (await this.#ofModel());
  }

  async #ofConfiguration(): Promise<ReasoningSummary | null> {
    const { session, reported } = this.#thread;
    const { config } = await session.request('config/read', { cwd: reported.cwd });
    return decode('config/read', () => config.model_reasoning_summary, session);
  }

  /** The models of codex-rs's catalog have none; one that it knows nothing of has "auto". */
  async #ofModel(): Promise<ReasoningSummary> {
    const { session, reported } = this.#thread;
    const model = this.#base.model ?? decode('thread/start', () => text(reported.model), session);
    // A provider may put its own name in front; a variant of a known model counts as that model.
    const slug = /^[\w-]+\/([^/]+)$/.exec(model)?.[1] ?? model;
    const models = paged(session, async (cursor) =>
      session.request('model/list', { cursor, includeHidden: true }),
    );
    for await (const known of models) if (slug.startsWith(known.model)) return 'none';
    return 'auto';
  }
}
