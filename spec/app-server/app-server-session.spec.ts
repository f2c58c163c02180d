import { expect } from 'chai';
import { AppServerSession } from '../../lib/app-server/app-server-session.js';
import { AppServer } from '../../lib/app-server/app-server.js';
import type { TransportError } from '../../lib/errors.js';
import { isAlive } from './eventually.js';
import { realPlan, temporaryHome } from './real-launch.js';

describe('AppServerSession', function () {
  this.timeout(30_000);

  describe('on the real binary', () => {
    it('shakes hands, answers typed requests, routes notifications and leaves no process', async () => {
      using home = temporaryHome();
      const session = await AppServerSession.open(realPlan(home.path));
      const all: string[] = [];
      const own: string[] = [];
      session.onNotification(({ method }) => all.push(method));

      const { thread } = await session.request('thread/start', { cwd: home.path });
      session.onThread(thread.id, ({ method }) => own.push(method));
      const { data } = await session.request('thread/loaded/list', {});
      const pid = session.processId;
      await session.close();

      expect(session.serverInfo.userAgent).to.contain('0.169.0');
      expect(data).to.deep.equal([thread.id]);
      expect(own).to.include('thread/started');
      expect(all).to.include('thread/started');
      expect(session.closeReason?.code).to.equal('closed');
      expect(isAlive(pid)).to.equal(false);
    });
  });
});

describe('AppServer', function () {
  this.timeout(30_000);

  it('starts one process for concurrent first calls, and a new one after a crash', async () => {
    using home = temporaryHome();
    const opened: number[] = [];
    await using server = new AppServer(async ({ generation, signal }) => {
      opened.push(generation);
      return AppServerSession.open(realPlan(home.path), { generation, signal });
    });

    await Promise.all([1, 2, 3].map(async () => server.request('thread/loaded/list', {})));
    const first = server.session!;
    const died = new Promise<TransportError>((resolve) => first.onClose(resolve));
    process.kill(first.processId!, 'SIGKILL');
    const error = await died;
    await server.request('thread/loaded/list', {});

    expect(error).to.include({ code: 'process-exited', signal: 'SIGKILL', retryable: true });
    expect(opened).to.deep.equal([1, 2]);
  });
});
