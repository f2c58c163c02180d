import { expect } from 'chai';
import { connect } from 'node:net';
import * as zlib from 'node:zlib';
import { CodexError, ValidationError } from '../../../lib/errors.js';
import { testedCodexVersion } from '../../../lib/version.js';
import { Gate, ScriptedModel, ScriptedReply } from '../../../lib/testing/index.js';

describe('ScriptedModel over HTTP', () => {
  let model: ScriptedModel;

  beforeEach(async () => {
    model = await ScriptedModel.start();
  });

  afterEach(async () => {
    await model.close();
  });

  describe('choosing a reply', () => {
    it('uses the queue first in, first out', async () => {
      model.reply(ScriptedReply.message('one'), ScriptedReply.message('two'));
      model.reply(ScriptedReply.message('three'));

      expect(model.queuedReplies).to.equal(3);
      expect([await ask(), await ask(), await ask()]).to.deep.equal(['one', 'two', 'three']);
      expect(model.queuedReplies).to.equal(0);
    });

    it('checks the rules before the queue, the earliest first, as often as they match', async () => {
      model
        .reply(ScriptedReply.message('queued'))
        .replyWhen(says('tea'), ScriptedReply.message('green'))
        .replyWhen(says('tea'), ScriptedReply.message('never'));

      expect([await ask('tea'), await ask('tea'), await ask('other')]).to.deep.equal([
        'green',
        'green',
        'queued',
      ]);
    });

    it('uses a rule for one request only', async () => {
      model
        .replyOnceWhen(says('tea'), ScriptedReply.message('first'))
        .replyWhen(says('tea'), ScriptedReply.message('later'));

      expect([await ask('tea'), await ask('tea')]).to.deep.equal(['first', 'later']);
    });

    it('falls back to the last default', async () => {
      model
        .otherwise(ScriptedReply.message('old'))
        .otherwise(ScriptedReply.message('default'))
        .reply(ScriptedReply.message('queued'));

      expect([await ask(), await ask(), await ask()]).to.deep.equal([
        'queued',
        'default',
        'default',
      ]);
    });

    it('creates the reply from the request', async () => {
      model.otherwise(({ userTexts }) => ScriptedReply.message(`you said ${userTexts.join()}`));

      expect(await ask('tea')).to.equal('you said tea');
    });

    it('names the error of a failing script, and records the request', async () => {
      model.replyWhen(() => {
        throw new TypeError('no such field');
      }, ScriptedReply.message('never'));

      const response = await post(body('tea'));

      expect(response.status).to.equal(400);
      expect(await response.text()).to.contain('TypeError: no such field');
      expect(model.unexpectedRequests).to.have.lengthOf(1);
      expect(model.unexpectedRequests[0]?.request).to.equal(model.requests[0]);
    });
  });

  describe('requests it cannot serve', () => {
    it('are refused and recorded for an unknown endpoint', async () => {
      const response = await fetch(`${model.baseUrl}/embeddings`, { method: 'POST', body: '{}' });

      expect(response.status).to.equal(404);
      expect(model.unexpectedRequests).to.deep.equal([
        {
          target: 'POST /v1/embeddings',
          reason: 'the scripted model has no such endpoint',
          request: null,
        },
      ]);
    });

    it('are refused and recorded if the body is not a JSON object', async () => {
      expect((await post('{')).status).to.equal(400);
      expect((await post('[]')).status).to.equal(400);
      expect((await post('null')).status).to.equal(400);
      expect(model.unexpectedRequests.map(({ reason }) => reason)).to.have.lengthOf(3);
      expect(model.requests).to.deep.equal([]);
    });

    it('are refused and recorded if the body has an unknown compression', async () => {
      const response = await post('x', { 'content-encoding': 'lz4' });

      expect(response.status).to.equal(400);
      expect(await response.text()).to.contain('--disable enable_request_compression');
      expect(model.unexpectedRequests).to.have.lengthOf(1);
    });
  });

  it('reads a compressed body', async () => {
    model.reply(ScriptedReply.message('Hello'));

    const response = await post(zlib.gzipSync(body('tea')), { 'content-encoding': 'gzip' });
    await response.text();

    expect(model.requests[0]?.userTexts).to.deep.equal(['tea']);
  });

  it('reads bodies compressed by codex, or refuses them if Node cannot', async () => {
    const emptyObject = Buffer.from('KLUv/SACEQAAe30=', 'base64');
    model.reply(ScriptedReply.message('Hello'));

    const response = await post(emptyObject, { 'content-encoding': 'zstd' });
    await response.text();

    expect(response.status).to.equal('zstdDecompressSync' in zlib ? 200 : 400);
  });

  it('serves a catalog without additional models', async () => {
    const response = await fetch(`${model.baseUrl}/models?client_version=${testedCodexVersion}`);

    expect(await response.json()).to.deep.equal({ object: 'list', data: [], models: [] });
    expect(model.unexpectedRequests).to.deep.equal([]);
  });

  it('answers a WebSocket with 426', async () => {
    const status = await firstLine(
      'GET /v1/responses HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n',
    );

    expect(status).to.equal('HTTP/1.1 426 Upgrade Required');
    expect(model.webSocketAttempts).to.equal(1);
  });

  it('listens on 127.0.0.1 only', async () => {
    const { port, hostname } = new URL(model.baseUrl);

    expect(hostname).to.equal('127.0.0.1');
    expect(await reaches('127.0.0.1', Number(port))).to.equal(true);
    expect(await reaches('127.0.0.2', Number(port))).to.equal(false);
    expect(await reaches('::1', Number(port))).to.equal(false);
  });

  it('answers two hundred concurrent requests', async () => {
    const gate = new Gate();
    model.otherwise(({ userTexts }) => ScriptedReply.gate(gate).message(userTexts.join()));
    const texts = Array.from({ length: 200 }, (_, index) => `thread ${index}`);

    const answers = texts.map(ask);
    await gate.reachedBy(200);
    gate.open();

    expect(await Promise.all(answers)).to.deep.equal(texts);
  });

  describe('request', () => {
    it('resolves to a request that has arrived, or that arrives later', async () => {
      model.otherwise(ScriptedReply.message('Hello'));
      const later = model.request(1);
      await ask('first');
      await ask('second');

      expect((await model.request(0)).userTexts).to.deep.equal(['first']);
      expect((await later).userTexts).to.deep.equal(['second']);
    });

    it('rejects with the reason of its signal', async () => {
      const controller = new AbortController();
      const reason = new Error('enough');
      const waiting = model.request(0, { signal: controller.signal });

      controller.abort(reason);

      expect(await rejectionOf(waiting)).to.equal(reason);
      expect(await rejectionOf(model.request(0, { signal: controller.signal }))).to.equal(reason);
    });

    it('rejects if the model is closed first', async () => {
      const waiting = rejectionOf(model.request(3));

      await model.close();

      const errors = [await waiting, await rejectionOf(model.request(3))];
      expect(errors.map((error) => CodexError.is(error) && error.code)).to.deep.equal([
        'scripted-model-closed',
        'scripted-model-closed',
      ]);
    });

    it('refuses an invalid index', async () => {
      expect(await rejectionOf(model.request(-1))).to.be.instanceOf(ValidationError);
      expect(await rejectionOf(model.request(0.5))).to.be.instanceOf(ValidationError);
    });
  });

  it('records that the client disconnected, also while it was held before any answer', async () => {
    const gate = new Gate();
    model.otherwise(ScriptedReply.gate(gate).status(500));
    const controller = new AbortController();
    const answer = rejectionOf(post(body('tea'), {}, controller.signal));
    await gate.reached;

    controller.abort();
    await answer;

    expect(await model.requests[0]?.outcome).to.equal('aborted');
    expect(model.unexpectedRequests).to.deep.equal([]);
  });

  describe('close', () => {
    it('ends held and waiting streams, and reports it', async () => {
      const gate = new Gate();
      model.reply(
        ScriptedReply.gate(gate).message('never'),
        ScriptedReply.delay(600_000).status(500),
      );
      const answers = [rejectionOf(ask('held')), rejectionOf(ask('waiting'))];
      await model.request(1);

      await model.close();

      expect(await Promise.all(answers)).to.satisfy((errors: unknown[]) =>
        errors.every((error) => error instanceof Error),
      );
      expect(await Promise.all(model.requests.map(async ({ outcome }) => outcome))).to.deep.equal([
        'closed',
        'closed',
      ]);
      expect(model.unexpectedRequests).to.deep.equal([]);
    });

    it('frees the port, and can be called again', async () => {
      const { port } = new URL(model.baseUrl);

      await Promise.all([model.close(), model.close()]);
      await model[Symbol.asyncDispose]();

      expect(await reaches('127.0.0.1', Number(port))).to.equal(false);
    });

    it('leaves no listener that keeps the process alive', async () => {
      model.reply(ScriptedReply.delay(600_000).message('never'));
      const answer = rejectionOf(ask());
      await model.request(0);

      const before = listeners();

      await model.close();
      await answer;

      expect(listeners()).to.equal(before - 1);
    });
  });

  async function ask(text = 'hi'): Promise<string> {
    const events = await (await post(body(text))).text();
    return [...events.matchAll(/"type":"response.output_text.delta".*"delta":"(.*)"/g)]
      .map(([, delta]) => delta)
      .join('');
  }

  async function post(
    content: string | Buffer,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ): Promise<Response> {
    return fetch(`${model.baseUrl}/responses`, {
      method: 'POST',
      body: content,
      headers,
      ...(signal === undefined ? {} : { signal }),
    });
  }

  async function firstLine(request: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(new URL(model.baseUrl).port), '127.0.0.1');
      socket.once('error', reject).once('data', (data: Buffer) => {
        socket.destroy();
        resolve(data.toString().split('\r\n')[0] ?? '');
      });
      socket.write(request);
    });
  }
});

function body(text: string): string {
  return JSON.stringify({
    input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text }] }],
  });
}

function says(text: string): (request: { readonly userTexts: readonly string[] }) => boolean {
  return ({ userTexts }) => userTexts.includes(text);
}

function listeners(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length;
}

async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => null,
    (reason: unknown) => reason,
  );
}

async function reaches(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket
      .once('connect', () => {
        resolve(true);
      })
      .once('error', () => {
        resolve(false);
      })
      .once('connect', () => socket.destroy());
  });
}
