import type { AppServer } from '../wire/app-server.js';
import type { AppServerSession } from '../wire/app-server-session.js';
import type { ContinuationToken } from '../record/continuation-token.js';
import type { ThreadMetadata } from '../record/thread-metadata.js';
import type { Redactor, Secret } from '../redaction.js';
import type { CodexOptions } from '../options/codex-options.js';
import type { ThreadOptions } from '../options/thread-options.js';
import type { ThreadFork } from './thread-fork.js';
import type { ThreadLifecycle } from './thread-lifecycle.js';
import type { Conversation } from './conversation.js';

/** What a {@link Conversation} is made of. */
export interface ConversationProps {
  readonly appServer: AppServer;
  /** The options of the client. */
  readonly client: CodexOptions;
  /** Makes a new thread's conversation known under its id. */
  readonly onThreadId: (threadId: string, conversation: Conversation) => void;
  /** The thread's own options: turns with others put them back. */
  readonly options: ThreadOptions;
  /** The thread, or null for one that is yet to be started. */
  readonly threadId: string | null;
  readonly metadata?: ThreadMetadata;
  /** Where the thread must stand when it is loaded. */
  readonly continuation?: ContinuationToken | null;
  /** Hides the client's secrets in errors. */
  readonly redactor: Redactor;
  /** What to do about a failure for want of a variable that codex-rs does not get; null for any other. */
  readonly explain?: (failure: string) => string | null;
  /** Signs the tokens. */
  readonly continuationSecret?: Secret;
  /** Rejects when no turn can run, for want of an account. */
  readonly beforeTurn: (session: AppServerSession) => Promise<void>;
  /** Whether the labels go to the model provider. */
  readonly labelsToProvider: boolean;
  /** Where a new thread without `workingDirectory` works; null if that directory is gone. */
  readonly directory?: string | null;
  /** How a thread without an id begins, when not as a new one: as a fork. */
  readonly fork?: ThreadFork;
  /** Makes what can be done with the thread besides running turns. */
  readonly lifecycle: (conversation: Conversation) => ThreadLifecycle;
}
