import { expect } from 'chai';
import { NotificationFeed } from '../../lib/wire/notification-feed.js';
import type { NotificationFilter } from '../../lib/wire/notification-filter.js';
import type { NotificationListener } from '../../lib/wire/notification-router.js';
import { CodexError, ValidationError } from '../../lib/errors.js';
import type { ServerNotification } from '../../lib/protocol/index.js';
import { collected, failure } from '../outcomes.js';

/** A session that sends the given notifications. */
class Announcer {
  readonly #listeners: NotificationListener[] = [];

  onNotification(listener: NotificationListener): () => void {
    this.#listeners.push(listener);
    return () => undefined;
  }

  name(threadName: string, threadId = 'T'): void {
    const notification = { method: 'thread/name/updated', params: { threadId, threadName } };
    for (const listener of this.#listeners) listener(notification as ServerNotification);
  }
}

function nameOf(notification: ServerNotification | undefined): string | undefined {
  if (notification?.method !== 'thread/name/updated') return undefined;
  return notification.params.threadName ?? undefined;
}

describe('NotificationStream', () => {
  let announcer: Announcer;
  let feed: NotificationFeed;

  beforeEach(() => {
    announcer = new Announcer();
    feed = new NotificationFeed();
    feed.serve(announcer);
  });

  it('buffers notifications for a slow reader, in order, even after the end', async () => {
    const stream = feed.open({});
    const first = stream.next();
    for (const name of ['one', 'two', 'three']) announcer.name(name);
    feed.close();
    announcer.name('four');

    const rest = await collected(stream);

    expect([(await first).value, ...rest].map(nameOf)).to.deep.equal(['one', 'two', 'three']);
  });

  it('serves several readers of one stream in order', async () => {
    const stream = feed.open({});
    const steps = [stream.next(), stream.next()];
    announcer.name('one');
    announcer.name('two');

    const seen = await Promise.all(steps);

    expect(seen.map(({ value }) => nameOf(value))).to.deep.equal(['one', 'two']);
  });

  it('yields the buffered notifications and then reports the first lost one', async () => {
    const stream = feed.open({ maxWaiting: 2 });
    const first = stream.next();
    for (const name of ['one', 'two', 'three', 'four', 'five']) announcer.name(name);

    const seen = [await first, await stream.next(), await stream.next()];
    const error = await failure(stream.next());

    expect(seen.map(({ value }) => nameOf(value))).to.deep.equal(['one', 'two', 'three']);
    expect(error).to.be.instanceOf(CodexError);
    expect(error).to.include({ code: 'notifications-missed', retryable: true });
    expect(String(error))
      .to.contain('2 are waiting (maxWaiting)')
      .and.contain('thread/name/updated');
    expect(await stream.next()).to.deep.equal({ done: true, value: undefined });
  });

  it('buffers only matching notifications', async () => {
    const threadId = '01a20000-0000-7000-8000-00000000000a';
    const stream = feed.open({ threadId: threadId.toUpperCase(), maxWaiting: 1 });
    const first = stream.next();
    for (let index = 0; index < 10; index += 1) announcer.name('not mine', 'other');
    announcer.name('mine', threadId);

    expect(nameOf((await first).value)).to.equal('mine');
  });

  it('discards the buffer when its signal fires, and throws the reason once', async () => {
    const controller = new AbortController();
    const stream = feed.open({ signal: controller.signal });
    const first = stream.next();
    announcer.name('one');
    announcer.name('two');
    const reason = new Error('Enough');

    controller.abort(reason);

    expect(nameOf((await first).value)).to.equal('one');
    expect(await failure(stream.next())).to.equal(reason);
    expect(await stream.next()).to.deep.equal({ done: true, value: undefined });
  });

  it('rejects an invalid filter with all problems', () => {
    const wrong = { method: ['x'], methods: 'x', threadId: 1, maxWaiting: 0, signal: {} };
    const refused = (filter: unknown): unknown => {
      try {
        return feed.open(filter as NotificationFilter);
      } catch (error) {
        return error;
      }
    };

    expect(refused(wrong)).to.be.instanceOf(ValidationError);
    expect((refused(wrong) as ValidationError).problems.map(({ path }) => path)).to.deep.equal([
      'method',
      'methods',
      'threadId',
      'maxWaiting',
      'signal',
    ]);
    expect(refused(7)).to.be.instanceOf(ValidationError);
    expect(refused({ methods: undefined })).not.to.be.instanceOf(Error);
  });
});
