import type { ServerNotification } from '../protocol/index.js';
import type { AppServerSession } from './app-server-session.js';
import { checkedFilter, type NotificationFilter } from './notification-filter.js';
import { NotificationRouter } from './notification-router.js';
import { NotificationStream } from './notification-stream.js';

/** Delivers all notifications of one client's successive processes to its listeners. */
export class NotificationFeed {
  readonly #router = new NotificationRouter();
  readonly #streams = new Set<{ end(): void }>();
  #isClosed = false;

  /** Adds the notifications of a session from now on. */
  serve(session: Pick<AppServerSession, 'onNotification'>): void {
    session.onNotification((notification) => {
      this.#router.route(notification);
    });
  }

  /**
   * Iterates over the notifications that match the filter, from the first step of the iteration on.
   *
   * @throws `ValidationError` if the filter is not valid
   */
  open<N extends ServerNotification>(filter: NotificationFilter): NotificationStream<N> {
    const stream = new NotificationStream<N>({
      filter: checkedFilter(filter),
      listen: (listener) => {
        if (this.#isClosed) return null;
        this.#streams.add(stream);
        const forget = this.#router.onAny(listener);
        return () => {
          this.#streams.delete(stream);
          forget();
        };
      },
    });
    return stream;
  }

  /** Ends all current and future iterations. */
  close(): void {
    this.#isClosed = true;
    for (const stream of [...this.#streams]) stream.end();
  }
}
