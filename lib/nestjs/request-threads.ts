import type { Codex } from '../codex.js';
import type { ThreadOptionsRecord } from '../options/thread-options.js';
import { Labels, type LabelsInput } from '../record/labels.js';
import type { ThreadBuilder } from '../thread/thread-builder.js';
import type { Thread } from '../thread/thread.js';

/**
 * Builds threads that carry the labels of the current request. Request-scoped: every request gets its own instance.
 *
 * The labels come from the option `requestLabels` of the module. It is called when a thread is built, not when the
 * instance is created: Nest creates request-scoped providers before guards run, so the user of the request is not known
 * at that point.
 *
 * @example
 * ```ts
 * const threads = new RequestThreads(codex, () => ({ tenant: request.tenant }));
 * const thread = threads.startThread({ labels: { ticket: 'PAY-123' } });
 * console.log(JSON.stringify(thread.labels)); // {"tenant":"acme","ticket":"PAY-123"}
 * ```
 */
export class RequestThreads {
  readonly #codex: Codex;
  readonly #labels: () => LabelsInput;

  constructor(codex: Codex, labels: () => LabelsInput) {
    this.#codex = codex;
    this.#labels = labels;
  }

  /**
   * The labels of the current request.
   *
   * @throws `ValidationError` for labels that are not valid
   */
  get labels(): Labels {
    return #labels in this ? Labels.from(this.#labels()) : Labels.empty;
  }

  /**
   * Returns a builder with the labels of the request. Its `resume` adds them to the labels of the thread.
   *
   * @throws `ValidationError` for labels that are not valid
   */
  thread(): ThreadBuilder {
    return this.#codex.thread().withLabels(this.labels);
  }

  /**
   * Creates a thread. Labels in the options are merged into those of the request.
   *
   * @throws `ValidationError` with every problem in the options and the labels
   */
  startThread(options: ThreadOptionsRecord = {}): Thread {
    return this.thread().withOptions(options).build();
  }
}
