import type {
  ThreadForkResponse,
  ThreadResumeResponse,
  ThreadSettings,
  ThreadStartResponse,
} from '../protocol/index.js';

/** What codex-rs reported when the thread was loaded. */
export type ReportedSettings = ThreadStartResponse | ThreadResumeResponse | ThreadForkResponse;

/** What is known of the settings of a thread that is loaded here; those of others cannot be asked for. */
export type KnownSettings = Partial<Pick<ThreadSettings, 'serviceTier' | 'summary'>>;
