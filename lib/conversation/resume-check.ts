import type { AppServer } from '../wire/app-server.js';
import { readOnlyMethods } from '../wire/method-kinds.js';
import { CodexError, RequestError, TransportError } from '../errors.js';
import { ContinuationToken } from '../record/continuation-token.js';
import type { CodexOptions } from '../options/codex-options.js';
import { CodexRsResumeValidator } from '../resume/codex-rs-resume-validator.js';
import { ResumeRejectedError } from '../resume/resume-rejected-error.js';
import type { ResumeClaim } from '../resume/resume-claim.js';
import type { ResumeValidator } from '../resume/resume-validator.js';
import type { AcceptedVerdict, RejectedVerdict } from '../resume/resume-verdict.js';
import { wholeVerdict } from '../resume/whole-verdict.js';
import type { HistoryIndex, IndexedThread } from './history-index.js';

/** Properties of a {@link ResumeCheck}. */
export interface ResumeCheckProps {
  readonly server: AppServer;
  /** The options of the client. */
  readonly client: CodexOptions;
  readonly index: HistoryIndex;
}

/** Decides whether a thread may be continued, before anything runs. */
export class ResumeCheck {
  readonly #props: ResumeCheckProps;

  constructor(props: ResumeCheckProps) {
    this.#props = props;
  }

  /**
   * The given token, or null.
   *
   * @throws `ResumeRejectedError` if it belongs to another thread; without a request to codex-rs
   */
  tokenOf(
    threadId: string,
    given: ContinuationToken | string | undefined,
  ): ContinuationToken | null {
    if (given === undefined) return null;
    const token = this.#decode(threadId, String(given));
    if (token.threadId !== threadId)
      throw rejected(
        threadId,
        'foreign',
        `The continuation token belongs to thread ${token.threadId}.`,
      );
    return token;
  }

  /**
   * The validator's verdict on data that the client can only read.
   *
   * @throws `ResumeRejectedError` if the thread may not be continued
   */
  async judge(
    indexed: IndexedThread,
    validator: ResumeValidator = this.#props.client.resumeValidator ?? new CodexRsResumeValidator(),
  ): Promise<AcceptedVerdict> {
    const { threadId, continuation } = indexed;
    const { server } = this.#props;
    let obstacle: unknown;
    const claim: ResumeClaim = {
      get codexVersion() {
        return server.codexVersion;
      },
      threadId,
      continuation,
      request: async (method, params) => {
        if (!readOnlyMethods.has(method))
          throw new CodexError(
            `A resume validator may only send reading requests, and ${method} is not one of them.`,
            {
              code: 'not-read-only',
            },
          );
        return server.request(method, params);
      },
      updateTurns: async () => {
        try {
          await this.#props.index.update(indexed);
        } catch (error) {
          obstacle = error;
          throw error;
        }
      },
    };
    let given: unknown;
    try {
      given = await validator.validate(claim);
    } catch (error) {
      // The built-in validators never do, but a stub or a custom class may.
      throw rejected(threadId, 'unknown', `The resume validator failed: ${String(error)}`, error);
    }
    // A stub without a configured answer returns undefined, which is a rejection.
    const verdict = await wholeVerdict(given, claim);
    // An error that prevents this client from loading any thread, such as its isolation, is not a verdict on the thread.
    if (!verdict.accepted && forbidsLoading(obstacle)) throw obstacle;
    if (!verdict.accepted) throw new ResumeRejectedError(threadId, verdict, obstacle);
    if (verdict.metadata.threadId !== threadId)
      throw rejected(
        threadId,
        'metadata-mismatch',
        `The resume validator accepted it with the metadata of another thread, ${verdict.metadata.threadId}.`,
      );
    return verdict;
  }

  #decode(threadId: string, text: string): ContinuationToken {
    try {
      return ContinuationToken.decode(text, this.#props.client.continuationSecret);
    } catch (error) {
      if (!CodexError.is(error)) throw error;
      const reason = error.code === 'tampered' ? 'tampered' : 'malformed-token';
      throw rejected(threadId, reason, error.message, error);
    }
  }
}

/** Whether an error concerns this client rather than the thread or its server. */
function forbidsLoading(error: unknown): error is CodexError {
  if (RequestError.is(error) || TransportError.is(error)) return false;
  return CodexError.is(error) && !ResumeRejectedError.is(error);
}

function rejected(
  threadId: string,
  reason: RejectedVerdict['reason'],
  message: string,
  cause?: unknown,
): ResumeRejectedError {
  return new ResumeRejectedError(threadId, { accepted: false, reason, message }, cause);
}
