import type {
  RequestId,
  ServerRequest as Current,
  ServerRequests as CurrentRequests,
} from './generated/protocol.js';

export type * from './generated/protocol.js';

/** Requests that have left the protocol, but that older tested versions of codex-rs still send, with their params and results. */
export interface RetiredServerRequests {
  /** The current time in seconds since 1970; codex-rs up to 0.169 asks for it. */
  'currentTime/read': { params: { threadId: string }; result: { currentTimeAt: number } };
}

/** Each request that a tested version of codex-rs sends, with its params and its result. */
export interface ServerRequests extends CurrentRequests, RetiredServerRequests {}

/** A request that a tested version of codex-rs sends. */
export type ServerRequest =
  | Current
  | {
      [M in keyof RetiredServerRequests]: {
        method: M;
        id: RequestId;
        params: RetiredServerRequests[M]['params'];
      };
    }[keyof RetiredServerRequests];
