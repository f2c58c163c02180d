import { paged } from '../wire/paged.js';
import { text, decode } from '../wire/decode.js';
import type { ReasoningSummary } from '../protocol/index.js';
import { settingAt } from '../options/config-record.js';
import type { ThreadOptions } from '../options/thread-options.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';

/**
 * The reasoning summary of a thread's turns if no option sets one. codex-rs cannot unset the summary, so this class
 * resolves the default from the same sources as codex-rs.
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
   * The thread's own, else the last reported one, else the one of the configuration, else the one of the model.
   *
   * @param known - the value that codex-rs reported for the loaded thread, or null
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

  /** Models in the codex-rs catalog have no summary; an unknown model has "auto". */
  async #ofModel(): Promise<ReasoningSummary> {
    const { session, reported } = this.#thread;
    const model = this.#base.model ?? decode('thread/start', () => text(reported.model), session);
    // A provider may prefix its own name; a variant of a known model counts as that model.
    const slug = /^[\w-]+\/([^/]+)$/.exec(model)?.[1] ?? model;
    const models = paged(session, async (cursor) =>
      session.request('model/list', { cursor, includeHidden: true }),
    );
    for await (const known of models) if (slug.startsWith(known.model)) return 'none';
    return 'auto';
  }
}
