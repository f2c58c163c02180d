import type { ThreadMetadata } from '../record/thread-metadata.js';
import type { TurnUsage } from '../turn/usage.js';

/** All stored data of a thread, as JSON without secrets. Frozen. */
export interface ThreadExport {
  /** The version of this format. */
  readonly version: 1;
  /** When it was read, as an ISO 8601 time. */
  readonly exportedAt: string;
  /** The thread with its turns and their items, as in the protocol. */
  readonly thread: ReturnType<ThreadMetadata['toJSON']>;
  /** The stored labels of the thread. */
  readonly labels: Readonly<Record<string, string>>;
  /** The details of the turns from the rollout file, by turn id; null if the file could not be read. */
  readonly details: Readonly<Record<string, TurnDetails>> | null;
}

/** The details of a turn from the rollout file of its thread. */
export interface TurnDetails {
  /** The settings of the turn, or null if they are not recorded. */
  readonly settings: RecordedSettings | null;
  /** The tokens that the turn spent, or null if they are not recorded. */
  readonly usage: TurnUsage | null;
  /** The size of the model's context window in tokens, or null if it is not recorded. */
  readonly contextWindow: number | null;
  /** The calls of the model without an item in the history: plans, refused commands, tools that codex-rs runs itself. */
  readonly calls: readonly RecordedCall[];
}

/** The effective settings of a turn. */
export interface RecordedSettings {
  /** The model, or null. */
  readonly model: string | null;
  /** The reasoning effort, or null for the model's own. */
  readonly effort: string | null;
  /** When codex-rs asks for an approval, or null. */
  readonly approvalPolicy: string | null;
  /** The reviewer of approvals, such as `user`, or null. */
  readonly approvalsReviewer: string | null;
  /** The sandbox of commands, such as `workspace-write`, or null. */
  readonly sandbox: string | null;
  /** The working directory, or null. */
  readonly workingDirectory: string | null;
}

/** A call of the model without an item in the history. */
export interface RecordedCall {
  /** The id of the call. */
  readonly id: string;
  /** The name of the tool. */
  readonly name: string;
  /** The arguments as the model wrote them. */
  readonly arguments: string;
  /** The output that the model received, or null if it is not recorded. */
  readonly output: string | null;
  /** The time of the call in milliseconds since the epoch, or null. */
  readonly atMs: number | null;
}

/** Whether a person, a policy or a program refused the call. It compares the output with the refusal texts of codex-rs. */
export function isRefused({ output }: RecordedCall): boolean {
  return output !== null && /\brejected by user\b|\bRejected\(/.test(output);
}
