import { expect } from 'chai';
import sinon from 'sinon';
import { RealSession } from '../approvals/real-session.js';
import type { ToolContext } from '../../lib/tools/tool-context.js';
import { ToolImage } from '../../lib/tools/tool-image.js';
import type { ToolResult } from '../../lib/tools/tool-result.js';
import { Tool } from '../../lib/tools/tool.js';
import { Toolbox } from '../../lib/tools/toolbox.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { PaymentsTools, type PaymentQuery } from './payments-tools.js';

// The smallest possible PNG: codex-rs parses the image.
const pixel =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const done = ScriptedReply.message('Done');

class SlowTools {
  readonly started: Promise<ToolContext>;
  #start: (context: ToolContext) => void = () => undefined;

  constructor() {
    this.started = new Promise((resolve) => {
      this.#start = resolve;
    });
  }

  @Tool({ description: 'Waits for the end of the turn.' })
  async waitForEnd(_input: object, context: ToolContext): Promise<never> {
    this.#start(context);
    return new Promise(() => undefined);
  }

  @Tool({ description: 'Draws.' })
  draw(): ToolResult {
    return ['Here:', new ToolImage(pixel)];
  }

  @Tool({ description: 'Breaks.' })
  breakDown(): never {
    throw new Error('the database is on fire');
  }
}

describe('Tools on the real codex', function () {
  this.timeout(30_000);
  let codex: RealSession;
  let payments: PaymentsTools;
  let slow: SlowTools;
  let toolbox: Toolbox;
  let ends: AbortController;
  const reported = sinon.spy();

  before(async () => {
    codex = await RealSession.open();
    codex.session.answerWith(async (request) => {
      if (request.method !== 'item/tool/call') return undefined;
      const { threadId, turnId } = request.params;
      const context = { threadId, turnId, labels: {}, signal: ends.signal };
      return toolbox.call(request.params, context, reported);
    });
  });
  after(async () => codex.close());
  beforeEach(() => {
    payments = new PaymentsTools('open');
    slow = new SlowTools();
    toolbox = Toolbox.of([payments, slow]);
    ends = new AbortController();
    reported.resetHistory();
  });

  const start = async (): Promise<string> => codex.thread({ dynamicTools: toolbox.specs() });
  const find = (args: Record<string, unknown>): ScriptedReply =>
    ScriptedReply.functionCall('findPayment', args);

  it('are offered to the model', async () => {
    const threadId = await start();

    await codex.run(threadId, [done]);

    const request = codex.model.requests.at(-1);
    expect(request?.toolNames).to.include.members(Object.keys(toolbox.digests));
  });

  it('call the method, and its result reaches the next request of the model', async () => {
    const threadId = await start();

    const { id, status } = await codex.run(threadId, [find({ id: 'p1' }), done]);

    const [[query, context]] = payments.calls as [[PaymentQuery, ToolContext]];
    expect(status).to.equal('completed');
    expect(query.id).to.equal('p1');
    expect(context).to.include({ threadId, turnId: id });
    expect(codex.outputs(threadId)).to.deep.equal(['payment:p1 is open']);
  });

  it('may return a text that was cut in the middle of a character', async () => {
    payments = new PaymentsTools('open 👋'.slice(0, -1));
    toolbox = Toolbox.of([payments]);
    const threadId = await start();

    const { status } = await codex.run(threadId, [find({ id: 'p1' }), done]);

    expect(status).to.equal('completed');
    expect(codex.outputs(threadId)).to.deep.equal(['payment:p1 is open \ufffd']);
  });

  it('report invalid arguments to the model, which may try again', async () => {
    const threadId = await start();

    const { status } = await codex.run(threadId, [find({ id: 1 }), find({ id: 'p1' }), done]);

    expect(status).to.equal('completed');
    expect(codex.outputs(threadId)[0]).to.contain('id: must be a string, got 1');
    expect(codex.outputs(threadId)[1]).to.equal('payment:p1 is open');
    expect(payments.calls).to.have.length(1);
  });

  it('report an error of the method to the model, and the turn continues', async () => {
    const threadId = await start();

    const { status } = await codex.run(threadId, [ScriptedReply.functionCall('breakDown'), done]);

    expect(status).to.equal('completed');
    expect(codex.outputs(threadId)).to.deep.equal(['breakDown failed: the database is on fire']);
  });

  it('are reported to the model as unavailable if they are missing', async () => {
    const threadId = await start();
    toolbox = Toolbox.of([slow]);

    const { status } = await codex.run(threadId, [find({ id: 'p1' }), done]);

    expect(status).to.equal('completed');
    expect(codex.outputs(threadId)[0]).to.contain('The tool findPayment is no longer available');
  });

  it('show the model an image', async () => {
    const threadId = await start();

    await codex.run(threadId, [ScriptedReply.functionCall('draw'), done]);

    const sent = JSON.stringify(codex.model.requests.at(-1)?.body);
    expect(codex.outputs(threadId)[0]).to.contain('Here:');
    expect(sent).to.contain(pixel);
  });

  it('are aborted by their signal when the turn is interrupted', async () => {
    const threadId = await start();
    const turnId = await codex.begin(threadId, [ScriptedReply.functionCall('waitForEnd')]);
    const { signal } = await slow.started;

    await codex.session.request('turn/interrupt', { threadId, turnId });
    const { status } = await codex.end(turnId);
    ends.abort(new Error('The turn is over.'));

    expect(status).to.equal('interrupted');
    expect(signal.aborted).to.equal(true);
  });

  it('are all offered if there are 500', async () => {
    const base = { type: 'function', description: 'One of many.' } as const;
    const specs = Array.from({ length: 499 }, (_, index) => ({
      ...base,
      name: `tool_${index}`,
      inputSchema: { type: 'object', properties: {} },
    }));
    const [own] = toolbox.specs();
    const threadId = await codex.thread({ dynamicTools: [...specs, own!] });

    await codex.run(threadId, [find({ id: 'p1' }), done]);

    const offered = codex.model.requests.at(-1)?.toolNames ?? [];
    expect(offered.filter((name) => /^tool_\d+$/.test(name))).to.have.length(499);
    expect(codex.outputs(threadId)).to.deep.equal(['payment:p1 is open']);
  });
});
