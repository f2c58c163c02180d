import { CodexOptions } from '../../options/codex-options.js';
import { Thread } from '../../thread/thread.js';
import type { OtherForm } from '../../options/option-records.js';
import {
  ThreadOptions,
  type ThreadOptionsInput,
  type ThreadOptionsRecord,
} from '../../options/thread-options.js';
import type { LabelsInput } from '../../record/labels.js';
import type { ThreadMetadata } from '../../record/thread-metadata.js';
import { StubBackend } from './stub-backend.js';
import type { StubCall, StubTurn } from './stub-turn.js';

/** Properties of a {@link stubThread}. */
export interface StubThreadProps<Options = ThreadOptionsInput> {
  /** The id of an existing thread. Without it the thread is new, and gets an id with its first turn. */
  readonly threadId?: string;
  /** Its metadata from codex-rs. Defaults to null. */
  readonly metadata?: ThreadMetadata | null;
  /** Its labels. */
  readonly labels?: LabelsInput;
  /** Its options. */
  readonly options?: Options;
  /** Its turns, in order. A further turn is rejected. */
  readonly turns?: readonly StubTurn[];
}

/** The result of {@link stubThread}. */
export interface StubbedThread {
  /** The thread to pass to the code under test. */
  readonly thread: Thread;
  /** Its turns so far, in the order of their start, including those of clones. */
  readonly calls: readonly StubCall[];
  /** Other calls, such as `setName` or `archive`, in order. */
  readonly actions: readonly string[];
}

/**
 * Creates a thread for unit tests: a real, frozen `Thread` with scripted turns. Nothing is started, read or sent.
 *
 * Results are derived from the events as in a real thread: `output` is parsed and validated, `usage` accumulates, and
 * every turn issues a new token. `clone`, `equals`, `toJSON`, `signal`, `interrupt` and `steer` work; `setName`,
 * `setLabels`, `archive`, `delete` and `release` are recorded. Methods that need codex-rs (`fork`, `compact`, `revert`,
 * histories) reject with the code `not-stubbed`: use a `ScriptedModel` or a `ReplayTransport` for them.
 *
 * @throws ValidationError with all problems of labels and options
 *
 * @example
 * ```ts
 * const { thread, calls } = stubThread({
 *   labels: { team: 'payments' },
 *   turns: ['A test fails.', turnResult({ finalResponse: 'Fixed.' }), new Error('No network.')],
 * });
 *
 * console.log((await thread.run('Why is the build red?')).finalResponse); // A test fails.
 * for await (const event of thread.runStreamed('Fix it'))
 *   if (event.type === 'text.delta') console.log(event.text); // Fixed.
 * console.log(calls.map(({ text }) => text).join()); // Why is the build red?,Fix it
 * ```
 */
export function stubThread(props?: StubThreadProps<ThreadOptionsRecord>): StubbedThread;
/** The same with options in another form: a `Map`, entries, or names in snake_case or of the Python client. */
export function stubThread<const Props extends readonly unknown[]>(
  ...props: OtherForm<
    Props,
    StubThreadProps<ThreadOptionsRecord>,
    [props?: StubThreadProps | undefined]
  >
): StubbedThread;
export function stubThread(props: StubThreadProps = {}): StubbedThread {
  const { threadId = null, metadata = null, turns = [], labels = {}, options = {} } = props;
  const backend = new StubBackend({ threadId, metadata, turns });
  const thread = Thread.of({
    codexOptions: CodexOptions.from({}, {}),
    threadOptions: ThreadOptions.from(options).merge({ labels }),
    backend,
  });
  return { thread, calls: backend.calls, actions: backend.actions };
}
