import type {
  ThreadForkResponse,
  ThreadResumeResponse,
  ThreadSettings,
  ThreadStartResponse,
} from '../protocol/index.js';

/** The settings that codex-rs reported when the thread was loaded. */
export type ReportedSettings = ThreadStartResponse | ThreadResumeResponse | ThreadForkResponse;

/** The known settings of a thread loaded here; those of other threads cannot be requested. */
export type KnownSettings = Partial<Pick<ThreadSettings, 'serviceTier' | 'summary'>>;
