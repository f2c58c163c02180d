import type { ServerNotification } from '../protocol/index.js';
import type { AppServerSession } from '../wire/app-server-session.js';
import { McpServers } from './mcp-servers.js';
import { ThreadActivity } from './thread-activity.js';
import { ThreadNotices } from './thread-notices.js';

/** Receives the notifications of a loaded thread. */
export type ThreadListener = (notification: ServerNotification) => void;

/** A receiver of a thread's notifications. */
export interface ThreadSubscription {
  readonly activity: ThreadActivity;
  readonly servers: McpServers;
  readonly notices: ThreadNotices;
  readonly unsubscribe: () => void;
}

/** Receives the notifications of a thread from now on. */
export function subscribe(
  session: AppServerSession,
  threadId: string,
  listener: ThreadListener,
  notices = new ThreadNotices(session.redactor),
): ThreadSubscription {
  const activity = new ThreadActivity(session, threadId);
  const servers = new McpServers(session, threadId);
  const unsubscribe = session.onThread(threadId, (notification) => {
    activity.accept(notification);
    servers.accept(notification);
    listener(notification);
    notices.accept(notification);
  });
  return { activity, servers, notices, unsubscribe };
}
