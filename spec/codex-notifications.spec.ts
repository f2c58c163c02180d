import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import type { Codex, Notification, NotificationMethod } from '../lib/index.js';
import type { ServerNotifications } from '../lib/protocol/index.js';
import { ScriptedReply } from '../lib/testing/index.js';
import { processOf } from './crash.js';
import { OfflineCodex } from './offline-codex.js';
import { collected, failure } from './outcomes.js';
import { noProcessLeft, processesLeft } from './root-hooks.js';

/** Whether the type is an object type, and not any. */
type Known<T> = 0 extends 1 & T ? false : [T] extends [object] ? true : false;

describe('codex.notifications on the real codex-rs', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;

  beforeEach(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
    codex = offline.client();
  });

  afterEach(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  it('yields matching notifications in order, from the first step on', async () => {
    const methods = ['turn/started', 'turn/completed'] as const;
    const [one, two] = [codex.startThread(), codex.startThread()];
    const threadId = await one.open();
    const stream = codex.notifications({ methods, threadId });
    const first = stream.next();
    await Promise.all([one.run('One'), two.run('Elsewhere')]);
    await one.run('Two');

    const seen = [(await first).value, (await stream.next()).value, (await stream.next()).value];

    expect(seen.map((notification) => notification?.method)).to.deep.equal([
      'turn/started',
      'turn/completed',
      'turn/started',
    ]);
    expect(seen.every((notification) => notification?.params.threadId === threadId)).to.equal(true);
    await stream.return?.();
  });

  it('receives the first message of every process, and ends with the client', async () => {
    const stream = codex.notifications({ methods: ['remoteControl/status/changed'] });
    const all = collected(stream);
    expect(processesLeft()).to.deep.equal([]);
    process.kill(await processOf(codex), 'SIGKILL');
    while ((await codex.serverInfo()).generation !== 2)
      await new Promise((resolve) => setImmediate(resolve));
    await codex.close();

    expect(await all).to.have.length(2);
    expect(await collected(codex.notifications())).to.deep.equal([]);
  });

  it('ends when its reader stops or its signal fires', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const reason = new Error('Enough');
    const left = codex.notifications();
    const waiting = left.next();
    await left.return?.();
    const aborted = failure(codex.notifications({ signal }).next());
    controller.abort(reason);

    expect(await waiting).to.deep.equal({ done: true, value: undefined });
    expect(await left.next()).to.deep.equal({ done: true, value: undefined });
    expect(await aborted).to.equal(reason);
    expect(await failure(codex.notifications({ signal }).next())).to.equal(reason);
  });

  it('has types for the parameters of every method', () => {
    type Wrong = {
      [M in NotificationMethod]: [Notification<M>] extends [{ params: ServerNotifications[M] }]
        ? Known<Notification<M>['params']> extends true
          ? never
          : M
        : M;
    }[NotificationMethod];
    expectTypeOf<Wrong>().toBeNever();
    expectTypeOf<NotificationMethod>().toEqualTypeOf<keyof ServerNotifications>();
    const stream = codex.notifications({ methods: ['thread/name/updated'] });
    expectTypeOf(stream).toExtend<AsyncIterable<Notification<'thread/name/updated'>>>();
    // @ts-expect-error -- there is no such notification
    expect(codex.notifications({ methods: ['thread/nope'] })).to.have.property('next');
  });
});
