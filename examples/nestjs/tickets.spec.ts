// How to test a NestJS application: with the real codex-rs and a scripted model, and a stub of the validator.
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { expect } from 'chai';
import sinon from 'sinon';
import { Codex, ResumeValidator } from '../../lib/index.js';
import { ScriptedModel, ScriptedReply, TemporaryCodexHome } from '../../lib/testing/index.js';
import { AppModule } from './app-module.js';
import { CodexSettings } from './codex-settings.js';
import { OpenTicketValidator } from './open-ticket-validator.js';

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

describe('The application of examples/nestjs', function () {
  this.timeout(30_000);
  let model: ScriptedModel;
  let home: TemporaryCodexHome;
  let app: INestApplication | null;

  beforeEach(async () => {
    model = await ScriptedModel.start();
    home = await TemporaryCodexHome.create();
    app = null;
  });

  afterEach(async () => {
    await app?.close();
    await model.close();
    await home.remove();
  });

  async function start(resumeValidator?: ResumeValidator): Promise<string> {
    const options = { apiKey: 'spec-key-1234567890', baseUrl: model.baseUrl, codexHome: home.path };
    let testing = Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(CodexSettings)
      .useValue({ options });
    if (resumeValidator !== undefined)
      testing = testing.overrideProvider(OpenTicketValidator).useValue(resumeValidator);
    app = (await testing.compile()).createNestApplication();
    app.useLogger(false);
    await app.listen(0, '127.0.0.1');
    return app.getUrl();
  }

  async function post(url: string, ticket: string, body: object): Promise<Answer> {
    const response = await fetch(`${url}/tickets/${ticket}/turns`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-tenant': 'acme' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  }

  it('runs a turn, with the labels of the request and of the ticket, and continues it', async () => {
    model.reply(ScriptedReply.message('Three steps.'), ScriptedReply.message('Step one is done.'));
    const url = await start();

    const first = await post(url, 'PAY-123', { input: 'Plan the migration' });
    const { threadId } = first.body;
    const second = await post(url, 'PAY-123', { input: 'Do step one', threadId });

    expect(first).to.deep.equal({ status: 201, body: { threadId, answer: 'Three steps.' } });
    expect(second).to.deep.equal({ status: 201, body: { threadId, answer: 'Step one is done.' } });
    const thread = await app?.get(Codex).resumeThread(String(threadId));
    expect(thread?.labels.toJSON()).to.deep.equal({ tenant: 'acme', ticket: 'PAY-123' });
  });

  it('refuses the thread of a closed ticket', async () => {
    model.reply(ScriptedReply.message('Three steps.'));
    const url = await start();

    const { body } = await post(url, 'OLD-7', { input: 'Plan the migration' });
    const { status } = await post(url, 'OLD-7', { input: 'Go on', threadId: body.threadId });

    expect(status).to.equal(409);
  });

  it('answers 409 when the validator refuses a resume', async () => {
    // #region stub
    const resumeValidator = sinon.createStubInstance(ResumeValidator);
    const message = 'Two turns were added since.';
    resumeValidator.validate.resolves({ accepted: false, reason: 'stale', message, advancedBy: 2 });
    const url = await start(resumeValidator);
    const threadId = '0199a213-81c0-7800-8aa1-bbab2a035a53';

    const { status, body } = await post(url, 'PAY-123', { input: 'Go on', threadId });

    expect(status).to.equal(409);
    expect(body.message).to.equal('stale');
    expect(resumeValidator.validate.firstCall.args[0]).to.include({ threadId });
    // #endregion
  });

  it('reports whether turns can run', async () => {
    const url = await start();

    const response = await fetch(`${url}/health`);

    expect(response.status).to.equal(200);
    expect(await response.json()).to.have.nested.property('codex.status', 'up');
  });
});
