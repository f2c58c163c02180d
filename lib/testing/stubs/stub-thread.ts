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

/** What a {@link stubThread} is told. */
export interface StubThreadProps<Options = ThreadOptionsInput> {
  /** The id of a thread that exists. Without it the thread is new, and gets an id with its first turn. */
  readonly threadId?: string;
  /** What codex-rs says of it. Defaults to null. */
  readonly metadata?: ThreadMetadata | null;
  /** Its labels. */
  readonly labels?: LabelsInput;
  /** Its options. */
  readonly options?: Options;
  /** Its turns, in order. One more is refused. */
  readonly turns?: readonly StubTurn[];
}

/** What {@link stubThread} gives. */
export interface StubbedThread {
  /** The thread to hand to the code under test. */
  readonly thread: Thread;
  /** Its turns so far, in the order in which they were started; clones of the thread are counted too. */
  readonly calls: readonly StubCall[];
  /** What else was done with it, such as `setName` or `archive`, in order. */
  readonly actions: readonly string[];
}

/**
 * A thread for unit tests: a real, frozen `Thread` whose turns are scripted. Nothing is started, read or sent.
 *
 * Results are what the real thread would make of these events: `output` is parsed and validated, `usage` adds up, the token is
 * new with every turn. `clone`, `equals`, `toJSON`, `signal`, `interrupt` and `steer` work; `setName`, `setLabels`,
 * `archive`, `delete` and `release` are noted. What needs codex-rs (`fork`, `compact`, `revert`, histories) rejects with the code
 * `not-stubbed`: use a `ScriptedModel` or a `ReplayTransport` for that.
 *
 * @throws ValidationError with everything that is wrong with labels and options
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
