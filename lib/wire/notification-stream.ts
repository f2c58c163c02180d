import { CodexError } from '../errors.js';
import type { ServerNotification } from '../protocol/index.js';
import type { NotificationFilter } from './notification-filter.js';
import { threadIdOf, type NotificationListener } from './notification-router.js';
import { onAbort } from '../on-abort.js';
import { ReaderQueue } from '../reader-queue.js';

/** Properties of a {@link NotificationStream}. */
export interface NotificationStreamProps {
  readonly filter: NotificationFilter;
  /** Starts listening and returns a function that stops it; null if there will be no notifications. */
  readonly listen: (listener: NotificationListener) => (() => void) | null;
}

/**
 * Notifications for one reader, in wire order, from the first step of the iteration on. Unread notifications are
 * buffered. If the buffer overflows, the reader gets its content and then an error.
 */
export class NotificationStream<N extends ServerNotification> implements AsyncIterableIterator<N> {
  readonly #props: NotificationStreamProps;
  readonly #queue = new ReaderQueue<N>();
  #forget: (() => void)[] | null = null;
  #isOver = false;

  constructor(props: NotificationStreamProps) {
    this.#props = props;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<N, undefined>> {
    if (this.#forget === null && !this.#isOver) this.#listen();
    return this.#queue.next();
  }

  async return(): Promise<IteratorResult<N, undefined>> {
    this.#queue.discard();
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Ends the stream: the reader gets the buffered notifications, then the `error` is thrown once. */
  end(outcome: { readonly error?: unknown } = {}): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const forget of this.#forget ?? []) forget();
    this.#queue.end(outcome);
  }

  #listen(): void {
    const { filter, listen } = this.#props;
    const { signal } = filter;
    const forget = listen((notification) => {
      if (this.#passes(notification)) this.#push(notification as N);
    });
    this.#forget = forget === null ? [] : [forget];
    if (forget === null) this.end();
    if (signal === undefined) return;
    const stop = onAbort(signal, () => {
      this.#queue.discard();
      this.end({ error: signal.reason });
    });
    this.#forget.push(stop);
  }

  #passes(notification: ServerNotification): boolean {
    const { methods, threadId } = this.#props.filter;
    if (methods?.includes(notification.method) === false) return false;
    return threadId === undefined || threadIdOf(notification) === threadId;
  }

  #push(notification: N): void {
    const { maxWaiting = 10_000 } = this.#props.filter;
    if (this.#queue.size < maxWaiting) this.#queue.push(notification);
    else this.end({ error: missed(maxWaiting, notification.method) });
  }
}

function missed(maxWaiting: number, method: string): CodexError {
  return new CodexError(
    `The reader of notifications is too slow: ${maxWaiting} are waiting (maxWaiting), and ${method} is the first lost one. Filter by methods, raise maxWaiting, or read the thread to catch up.`,
    { code: 'notifications-missed', retryable: true },
  );
}
