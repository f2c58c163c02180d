import { ThreadOptions } from '../options/thread-options.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';
import { ThreadTools } from './thread-tools.js';

/** The options and tools that a thread is loaded with in this process. Turns with other options restore them. */
export class ThreadDescription {
  #options: ThreadOptions;
  #tools: ThreadTools;

  constructor(options: ThreadOptions) {
    this.#options = options;
    this.#tools = new ThreadTools(options.tools ?? []);
  }

  get options(): ThreadOptions {
    return this.#options;
  }

  get tools(): ThreadTools {
    return this.#tools;
  }

  /**
   * The tools that a turn with these options calls: resuming a loaded thread brings its own tool objects.
   *
   * @throws `ToolsChangedError` if one of them was not registered with the thread
   */
  async toolsFor({ tools }: ThreadOptions, thread: LoadedThread): Promise<ThreadTools> {
    const { tools: known = [] } = this.#options;
    const isSame = tools?.length === known.length && tools.every((tool, at) => tool === known[at]);
    if (tools === undefined || isSame) return this.#tools;
    const own = new ThreadTools(tools);
    await own.check(thread.attachments, this.#tools.digests());
    return own;
  }

  /**
   * These options over the thread's own: unspecified options keep their values. Labels are stored elsewhere. Tools are
   * replaced, since appending would duplicate them.
   */
  over(options: ThreadOptions): ThreadOptions {
    if (options === this.#options) return options;
    const kept = new Map<string, unknown>(Object.entries(this.#options));
    kept.delete('labels');
    if (options.tools !== undefined) kept.delete('tools');
    let examination = ThreadOptions.check(kept, options);
    // If the two conflict, the later options win.
    for (const [name, value] of [...kept]) {
      if (examination.ok) return examination.value;
      kept.delete(name);
      const without = ThreadOptions.check(kept, options);
      if (without.ok || without.problems.length < examination.problems.length)
        examination = without;
      else kept.set(name, value);
    }
    return examination.ok ? examination.value : options;
  }

  /** The thread, which is not loaded, is resumed with these options: unspecified options keep their values. */
  renew(options: ThreadOptions): void {
    this.#options = this.over(options);
    if (options.tools !== undefined) this.#tools = new ThreadTools(options.tools);
  }
}
