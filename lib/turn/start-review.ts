import type {
  ReviewStartResponse,
  ReviewTarget,
  ServerNotification,
  TurnStartParams,
} from '../protocol/index.js';
import type { CallOptions } from '../wire/call-limits.js';
import type { AppServerSession } from '../wire/app-server-session.js';

/** Starts a review with the settings of a turn. codex-rs reads the settings of a review from the thread only. */
export async function startReview(
  session: AppServerSession,
  {
    threadId,
    sandboxPolicy,
    approvalPolicy,
    approvalsReviewer,
    cwd,
    environments,
    model,
    effort,
    summary,
  }: TurnStartParams,
  target: ReviewTarget,
  limits: CallOptions,
): Promise<ReviewStartResponse> {
  const given = {
    sandboxPolicy,
    approvalPolicy,
    approvalsReviewer,
    cwd,
    environments,
    model,
    effort,
    summary,
  };
  const settings = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined && value !== null),
  );
  if (Object.keys(settings).length > 0)
    await session.request('thread/settings/update', { ...settings, threadId }, limits);
  return session.request('review/start', { threadId, target, delivery: 'inline' }, limits);
}

/** Whether it starts a review. The `turn/started` of codex-rs is for the reviewer's turn. */
export function isReviewStart({ method, params }: ServerNotification): boolean {
  return method === 'item/started' && params.item.type === 'enteredReviewMode';
}
