// The web service on the real codex-rs with a scripted model.
import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { Codex, CodexError, QueuedApprovals, telemetry } from '../../lib/index.js';
import { Gate, ScriptedModel, ScriptedReply, TemporaryCodexHome } from '../../lib/testing/index.js';
import { EventReader, type NumberedMessage } from './event-reader.js';
import { startExpress } from './express-server.js';
import { startFastify } from './fastify-server.js';
import { FileThreadBook } from './file-thread-book.js';
import { startHono } from './hono-server.js';
import type { RunningServer } from './running-server.js';
import { ThreadService, type EventStream, type ThreadServiceProps } from './thread-service.js';

const escalated = { escalated: true, justification: 'To deploy.' };

describe('The web service of examples/web-service', function () {
  this.timeout(20_000);
  let model: ScriptedModel;
  let home: TemporaryCodexHome;
  let services: ThreadService[];

  before(async () => {
    model = await ScriptedModel.start();
    home = await TemporaryCodexHome.create();
    services = [];
  });

  after(async () => {
    await model.close();
    await home.remove();
  });

  function create(props: Partial<ThreadServiceProps> = {}): ThreadService {
    const approvals = new QueuedApprovals({ timeoutMs: 60_000 });
    const service = new ThreadService({
      codex: new Codex({
        apiKey: 'spec-key-1234567890',
        baseUrl: model.baseUrl,
        codexHome: home.path,
        env: { ...(process.env as Record<string, string>), HOME: home.path },
      }),
      approvals,
      book: new FileThreadBook(join(home.path, 'book.json')),
      threadOptions: {
        sandboxMode: 'read-only',
        approvalPolicy: 'on-request',
        workingDirectory: home.path,
      },
      ...props,
    });
    services.push(service);
    return service;
  }

  function reading(stream: EventStream): EventReader {
    if (stream === null) throw new Error('There is no stream.');
    return new EventReader(stream);
  }

  const textOf = (messages: readonly NumberedMessage[]): string =>
    messages.map((message) => (message.type === 'text.delta' ? message.text : '')).join('');

  /** Resolves with the status of the turn when it has ended. */
  async function endOf(turnId: string): Promise<string> {
    return new Promise((done) => {
      const stop = telemetry.turnEnd.subscribe((end) => {
        if (end.turnId !== turnId) return;
        stop();
        done(end.status);
      });
    });
  }

  async function codeOf(promise: Promise<unknown>): Promise<string> {
    const error: unknown = await promise.then(
      () => new Error('It did not reject.'),
      (reason: unknown) => reason,
    );
    return CodexError.is(error) ? error.code : String(error);
  }

  describe('without a framework', () => {
    afterEach(async () => {
      await Promise.all(services.map(async (service) => service.close()));
      services = [];
    });

    it('stores a token when the turn has started, which another process continues from', async () => {
      model.reply(ScriptedReply.message('Three steps.'), ScriptedReply.message('Step one.'));
      const first = create();
      await reading(await first.send('restart', { input: 'Plan' })).rest();
      await first.close();

      const second = create();
      const messages = await reading(await second.send('restart', { input: 'Go on' })).rest();

      expect(textOf(messages)).to.equal('Step one.');
      expect(await second.turns('restart')).to.have.length(2);
    });

    it('continues a turn whose client reconnects, and replays the missed events', async () => {
      const gate = new Gate();
      model.reply(ScriptedReply.deltas('One, ').gate(gate).deltas('two.'));
      const service = create({ graceMs: 60_000 });
      const first = reading(await service.send('reload', { input: 'Count' }));
      const { eventId } = await first.until('turn.started');
      await first.until('text.delta');
      await first.close();

      const second = reading(service.follow('reload', eventId));
      gate.open();
      const messages = await second.rest();

      expect(textOf(messages)).to.equal('One, two.');
      expect(messages.map(({ type }) => type)).not.to.include('turn.started');
      expect(messages.at(-1)?.type).to.equal('turn.completed');
      expect(service.follow('reload', messages.at(-1)?.eventId)).to.equal(null);
    });

    it('runs a request that is sent twice once', async () => {
      const gate = new Gate();
      model.reply(ScriptedReply.deltas('Once').gate(gate).deltas('.'));
      const service = create();
      const first = reading(await service.send('twice', { input: 'Run' }, 'key-1'));
      const second = reading(await service.send('twice', { input: 'Run' }, 'key-1'));

      gate.open();
      const texts = [textOf(await first.rest()), textOf(await second.rest())];
      const third = reading(await service.send('twice', { input: 'Run' }, 'key-1'));

      expect(texts).to.deep.equal(['Once.', 'Once.']);
      expect((await third.rest()).at(-1)?.type).to.equal('turn.completed');
      expect(await service.turns('twice')).to.have.length(1);
    });

    it('refuses a second turn while one runs, and an approval of another conversation', async () => {
      model.reply(
        ScriptedReply.shellCommand('echo deployed', escalated),
        ScriptedReply.message('It is deployed.'),
        ScriptedReply.message('Hello.'),
      );
      const service = create();
      const reader = reading(await service.send('busy', { input: 'Deploy' }));
      const { approval } = await reader.until('approval.waiting');

      expect(await codeOf(service.send('busy', { input: 'And?' }))).to.equal('thread-busy');
      expect(await codeOf(service.decide('other', approval.id, {}))).to.equal('not-found');

      await service.decide('busy', approval.id, { decision: 'allow' });
      expect(textOf(await reader.rest())).to.equal('It is deployed.');
      await reading(await service.send('busy', { input: 'And?' })).rest();
    });

    it('lets a turn end when it closes, and refuses new ones', async () => {
      const gate = new Gate();
      model.reply(ScriptedReply.deltas('Almost ').gate(gate).deltas('done.'));
      const service = create();
      const reader = reading(await service.send('drain', { input: 'Run' }));
      await gate.reached;

      const closed = service.close();
      const refused = await codeOf(service.send('late', { input: 'Run' }));
      gate.open();
      const messages = await reader.rest();
      await closed;

      expect(refused).to.equal('closed');
      expect(messages.at(-1)?.type).to.equal('turn.completed');
    });

    it('interrupts a turn that takes too long when it closes', async () => {
      const gate = new Gate();
      model.reply(ScriptedReply.deltas('Endless').gate(gate));
      const service = create({ drainMs: 1 });
      const reader = reading(await service.send('long', { input: 'Run' }));
      await gate.reached;

      await service.close();

      expect((await reader.rest()).at(-1)?.type).to.equal('turn.interrupted');
      gate.open();
    });

    it('reports a turn that failed as its last message', async () => {
      model.reply(ScriptedReply.failed('invalid_prompt', 'Not like this.'));
      const service = create();

      const messages = await reading(await service.send('failed', { input: 'Run' })).rest();

      expect(messages.at(-1)).to.deep.include({ type: 'error' });
      expect(messages.at(-1)).to.have.nested.include({
        'problem.status': 502,
        'problem.code': 'turn-failed',
      });
    });
  });

  for (const [framework, start] of Object.entries({
    Express: startExpress,
    Fastify: startFastify,
    Hono: startHono,
  }))
    describe(`on ${framework}`, () => {
      let server: RunningServer;

      before(async () => {
        server = await start(create({ graceMs: 1 }));
      });

      after(async () => {
        await server.close();
      });

      async function post(path: string, body: unknown): Promise<Response> {
        return fetch(`${server.url}/conversations/${framework}-${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
      }

      async function get(path: string, lastEventId?: string): Promise<Response> {
        const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
        return fetch(`${server.url}/conversations/${framework}-${path}`, { headers });
      }

      it('streams a turn, and replays it from the last event that a client has', async () => {
        const gate = new Gate();
        model.reply(ScriptedReply.deltas('One, ').gate(gate).deltas('two.'));

        const response = await post('stream/turns', { input: 'Count' });
        const reader = reading(response.body);
        const { eventId } = await reader.until('turn.started');
        const again = reading((await get('stream/events', eventId)).body);
        gate.open();
        const [all, missed] = [await reader.rest(), await again.rest()];

        expect(response.headers.get('content-type')).to.equal('text/event-stream');
        expect(missed).to.deep.equal(all);
        expect(textOf(all)).to.equal('One, two.');
        expect((await get('stream/events', all.at(-1)?.eventId)).status).to.equal(204);
        expect(await (await get('stream/turns')).json()).to.have.length(1);
      });

      it('interrupts the turn of a client that disconnects', async () => {
        const gate = new Gate();
        model.reply(ScriptedReply.deltas('Endless').gate(gate));
        const abort = new AbortController();
        const response = await fetch(`${server.url}/conversations/${framework}-left/turns`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ input: 'Run' }),
          signal: abort.signal,
        });
        const { turnId } = await reading(response.body).until('turn.started');
        const ended = endOf(turnId);
        await gate.reached;

        abort.abort();

        expect(await ended).to.equal('interrupted');
        gate.open();
      });

      it('lets a user decide an approval', async () => {
        model.reply(
          ScriptedReply.shellCommand('echo deployed', escalated),
          ScriptedReply.message('It is deployed.'),
        );
        const reader = reading((await post('approve/turns', { input: 'Deploy' })).body);
        const { approval } = await reader.until('approval.waiting');

        const pending = (await (await get('approve/approvals')).json()) as { id: string }[];
        const wrong = await post(`approve/approvals/${approval.id}`, { decision: 'perhaps' });
        const right = await post(`approve/approvals/${approval.id}`, { decision: 'allow' });
        const messages = await reader.rest();

        expect(pending.map(({ id }) => id)).to.deep.equal([approval.id]);
        expect([wrong.status, right.status]).to.deep.equal([400, 204]);
        expect(textOf(messages)).to.equal('It is deployed.');
      });

      it('stops a turn on request', async () => {
        const gate = new Gate();
        model.reply(ScriptedReply.deltas('Endless').gate(gate));
        const reader = reading((await post('stop/turns', { input: 'Run' })).body);
        await reader.until('text.delta');

        const response = await post('stop/stop', {});

        expect(response.status).to.equal(204);
        expect((await reader.rest()).at(-1)?.type).to.equal('turn.interrupted');
        gate.open();
      });

      it('answers an error with the status of its code', async () => {
        const empty = await post('errors/turns', { input: '' });
        const unknown = await get('errors/turns');
        const malformed = await fetch(`${server.url}/conversations/${framework}-errors/turns`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{',
        });

        expect([empty.status, unknown.status, malformed.status]).to.deep.equal([400, 404, 400]);
        expect(await empty.json()).to.include({ code: 'invalid-input', retryable: false });
        expect(await unknown.json()).to.include({ code: 'not-found' });
      });

      it('ends its streams and its turns when it closes', async () => {
        const gate = new Gate();
        model.reply(ScriptedReply.deltas('Almost ').gate(gate).deltas('done.'));
        const reader = reading((await post('close/turns', { input: 'Run' })).body);
        await gate.reached;

        const closed = server.close();
        gate.open();
        const messages = await reader.rest();
        await closed;

        expect(messages.at(-1)?.type).to.equal('turn.completed');
      });
    });

  it('ends its process after a SIGTERM, with the running turn interrupted', async function () {
    const program = resolve('.build/examples/web-service/server.js');
    const env = { ...process.env, HOME: home.path, PORT: '0', DRAIN_MS: '1' };
    const child = execFile(process.execPath, [program, 'express'], { env });
    const exited = once(child, 'exit');
    let stderr = '';
    child.stderr?.on('data', (data) => (stderr += String(data)));
    const [url] = (await once(child.stdout ?? child, 'data')) as [string];
    const send = async (): Promise<EventReader> => {
      const response = await fetch(`${url.trim()}/conversations/demo/turns`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"input":"Plan"}',
      });
      return reading(response.body);
    };
    await (await send()).rest();
    const reader = await send();
    await reader.until('approval.waiting');

    child.kill('SIGTERM');
    const messages = await reader.rest();
    const [exitCode] = (await exited) as [number];

    expect(messages.at(-1)?.type).to.equal('turn.interrupted');
    expect(stderr).to.equal('');
    expect(exitCode).to.equal(0);
  });
});
