import type { ThreadMetadata } from '../record/thread-metadata.js';
import type { TurnUsage } from '../turn/usage.js';

/** Everything that a Codex home keeps of a thread, as JSON without secrets. Frozen. */
export interface ThreadExport {
  /** The version of this form. */
  readonly version: 1;
  /** When it was read, as an ISO 8601 time. */
  readonly exportedAt: string;
  /** The thread with its turns and their items: the wire's own value. */
  readonly thread: ReturnType<ThreadMetadata['toJSON']>;
  /** The labels that are stored with the thread. */
  readonly labels: Readonly<Record<string, string>>;
  /** What the rollout file adds to the turns, by turn id; null if the file could not be read. */
  readonly details: Readonly<Record<string, TurnDetails>> | null;
}

/** What the rollout file of a thread adds to a turn. */
export interface TurnDetails {
  /** The settings that the turn ran with, or null if they are not recorded. */
  readonly settings: RecordedSettings | null;
  /** The tokens that the turn spent, or null if they are not recorded. */
  readonly usage: TurnUsage | null;
  /** How many tokens the context of the model holds, or null if that is not recorded. */
  readonly contextWindow: number | null;
  /** The calls of the model that left no item in the history: plans, refused commands, tools that codex-rs runs itself. */
  readonly calls: readonly RecordedCall[];
}

/** The settings in force for a turn. */
export interface RecordedSettings {
  /** The model, or null. */
  readonly model: string | null;
  /** The reasoning effort, or null for the model's own. */
  readonly effort: string | null;
  /** When codex-rs asks for an approval, or null. */
  readonly approvalPolicy: string | null;
  /** To whom codex-rs turns for an approval, such as `user`, or null. */
  readonly approvalsReviewer: string | null;
  /** The sandbox of commands, such as `workspace-write`, or null. */
  readonly sandbox: string | null;
  /** The working directory, or null. */
  readonly workingDirectory: string | null;
}

/** A call of the model that left no item in the history. */
export interface RecordedCall {
  /** The id of the call. */
  readonly id: string;
  /** The name of the tool. */
  readonly name: string;
  /** The arguments as the model wrote them. */
  readonly arguments: string;
  /** The answer that the model was given, or null if none is recorded. */
  readonly output: string | null;
  /** When it was made, in milliseconds since 1970, or null. */
  readonly atMs: number | null;
}

/** Whether a person, a policy or a program refused the call: codex-rs answers the model with these words. */
export function isRefused({ output }: RecordedCall): boolean {
  return output !== null && /\brejected by user\b|\bRejected\(/.test(output);
}
