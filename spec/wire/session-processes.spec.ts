import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { AppServerSession } from '../../lib/wire/app-server-session.js';
import type { SessionPlan } from '../../lib/wire/session-plan.js';
import type { TransportError } from '../../lib/errors.js';
import { testedCodexVersion } from '../../lib/version.js';
import { isAlive } from './eventually.js';
import { fixture, realPlan, temporaryHome } from '../transport/real-launch.js';
import { WireProblems } from './wire-problems.js';

async function reasonOf(promise: Promise<unknown>): Promise<TransportError> {
  return promise.then(
    () => expect.fail('it resolved'),
    (error: unknown) => error as TransportError,
  );
}

async function nextRound(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('AppServerSession', () => {
  describe('over a process', function () {
    this.timeout(15_000);

    it('reports its standard error if it does not answer in time, and ends it', async () => {
      using home = temporaryHome();

      const error = await reasonOf(
        AppServerSession.open(
          realPlan(home.path, { codexPath: fixture('process-silent'), startupTimeoutMs: 500 }),
        ),
      );

      expect(error).to.include({ code: 'start-timeout', stderrTail: 'still thinking' });
    });

    it('cancels a start when the signal fires, and ends the process', async () => {
      using home = temporaryHome();
      const controller = new AbortController();

      const opening = AppServerSession.open(
        realPlan(home.path, { codexPath: fixture('process-silent') }),
        { signal: controller.signal },
      );
      controller.abort('no');

      expect(await reasonOf(opening)).to.equal('no');
    });

    it('starts again if the database was locked, as often as needed', async () => {
      using home = temporaryHome();
      const plan = lockedPlan(home.path, 'xx');

      await using session = await AppServerSession.open(plan);

      expect(session.codexVersion).to.equal('1.2.3');
    });

    it('fails if the database stays locked', async () => {
      using home = temporaryHome();
      const plan = lockedPlan(home.path, 'x'.repeat(9));

      const error = await reasonOf(AppServerSession.open(plan));

      expect(error).to.include({ code: 'process-exited', exitCode: 1, retryable: true });
      expect(error.stderrTail).to.contain('database is locked');
    });

    it('accepts a program that prints a greeting first, with and without a line break', async () => {
      using home = temporaryHome();

      for (const greeting of ['Welcome\n', 'Welcome. ', '{Welcome}\nto the box: ']) {
        using problems = new WireProblems();
        await using session = await AppServerSession.open(greetingPlan(home.path, greeting));

        expect(session.codexVersion).to.equal('1.2.3');
        expect(problems.garbage).to.be.greaterThan(0);
      }
    });

    it('quotes output that is not a message if the start fails', async () => {
      using home = temporaryHome();
      const limit = { startupTimeoutMs: 400 };

      const errors = [
        await reasonOf(
          AppServerSession.open(greetingPlan(home.path, 'Welcome\nWho are you?\n', 'wait', limit)),
        ),
        await reasonOf(AppServerSession.open(greetingPlan(home.path, 'Password: ', 'wait', limit))),
        await reasonOf(AppServerSession.open(greetingPlan(home.path, 'No license', '3'))),
      ];

      expect(errors.map(({ code, retryable }) => [code, retryable])).to.deep.equal([
        ['start-timeout', true],
        ['start-timeout', true],
        ['process-exited', false],
      ]);
      expect(errors.map(({ message }) => /not a message: (".*")/.exec(message)?.[1])).to.deep.equal(
        ['"Welcome"', '"Password: "', '"No license"'],
      );
    });

    it('reports whether a retry may succeed if it exits during its start', async () => {
      using home = temporaryHome();
      const retryable = async (end: string): Promise<boolean> =>
        (await reasonOf(AppServerSession.open(greetingPlan(home.path, '', end)))).retryable;

      expect([await retryable('0'), await retryable('1'), await retryable('127')]).to.deep.equal([
        false,
        false,
        false,
      ]);
      // A shell reports in this way that its command was killed.
      expect(await retryable('137')).to.equal(true);
    });

    function greetingPlan(
      home: string,
      greeting: string,
      then = 'serve',
      changes: Partial<SessionPlan> = {},
    ): SessionPlan {
      const base = realPlan(home, { codexPath: fixture('process-greets'), ...changes });
      return { ...base, environment: { ...base.environment, GREETING: greeting, THEN: then } };
    }

    function lockedPlan(home: string, times: string): SessionPlan {
      const file = `${home}/times`;
      writeFileSync(file, times);
      const base = realPlan(home, { codexPath: fixture('process-locked') });
      return { ...base, environment: { ...base.environment, LOCKED_TIMES_FILE: file } };
    }
  });

  describe('on the real binary', function () {
    this.timeout(60_000);

    it('performs the handshake, answers typed requests, routes notifications and leaves no process', async () => {
      using home = temporaryHome();
      const session = await AppServerSession.open(realPlan(home.path));
      const all: string[] = [];
      const own: string[] = [];
      session.onNotification(({ method }) => all.push(method));

      const { thread } = await session.request('thread/start', { cwd: home.path });
      session.onThread(thread.id, ({ method }) => own.push(method));
      const { data } = await session.request('thread/loaded/list', {});
      await nextRound();
      const pid = session.processId;
      await session.close();

      expect(session.codexVersion).to.equal(testedCodexVersion);
      expect(session.serverInfo.codexHome).to.equal(home.path);
      expect(data).to.deep.equal([thread.id]);
      expect(own).to.include('thread/started');
      expect(all).to.include('thread/started');
      expect(session.closeReason?.code).to.equal('closed');
      expect(isAlive(pid)).to.equal(false);
    });

    it('does not start with a home that does not exist or is a file, and is not retryable', async () => {
      using home = temporaryHome();
      const [missing, file] = [`${home.path}/missing`, `${home.path}/file`];
      writeFileSync(file, '');

      const errors = [
        await reasonOf(AppServerSession.open(realPlan(missing))),
        await reasonOf(AppServerSession.open(realPlan(file))),
      ];

      for (const error of errors)
        expect(error).to.include({ code: 'start-failed', retryable: false });
      expect(errors[0]?.message).to.contain(`${missing} does not exist`);
      expect(errors[1]?.message).to.contain(`${file} is not a directory`);
    });

    it('creates the default home if it does not exist', async () => {
      using home = temporaryHome();
      const { codexHome, ...plan } = realPlan(home.path);
      const environment = { ...plan.environment, HOME: `${codexHome}/user` };

      await using session = await AppServerSession.open({ ...plan, environment });

      expect(session.serverInfo.codexHome).to.equal(`${home.path}/user/.codex`);
    });

    it('rejects pending calls immediately when the process is killed', async () => {
      using home = temporaryHome();
      await using session = await AppServerSession.open(realPlan(home.path));

      // Stopped first, so that no call is answered before the kill.
      process.kill(session.processId!, 'SIGSTOP');
      const calls = Array.from({ length: 5 }, async () =>
        reasonOf(session.request('thread/list', {})),
      );
      process.kill(session.processId!, 'SIGKILL');
      const errors = await Promise.all(calls);

      expect(errors.at(-1)).to.include({ code: 'process-exited', signal: 'SIGKILL' });
      expect(new Set(errors).size).to.equal(1);
    });

    it('starts 24 times concurrently on one new home', async () => {
      using home = temporaryHome();

      const threads = await Promise.all(
        Array.from({ length: 24 }, async () => {
          await using session = await AppServerSession.open(
            realPlan(home.path, { startupTimeoutMs: 50_000 }),
          );
          const { thread } = await session.request('thread/start', { cwd: home.path });
          return thread.id;
        }),
      );

      expect(new Set(threads).size).to.equal(24);
    });
  });
});
