import { convertToModelMessages, readUIMessageStream, validateUIMessages } from 'ai';
import { expect } from 'chai';
import { z } from 'zod';
import {
  toUIMessages,
  toUIMessageStream,
  toUIMessageStreamResponse,
  type CodexUIMessage,
  type CodexUIMessageChunk,
  type UIMessageStreamOptions,
} from '../../lib/ai-sdk/index.js';
import {
  AskApprovals,
  QueuedApprovals,
  tool,
  type Codex,
  type Thread,
  type Turn,
} from '../../lib/index.js';
import { event, Gate, ScriptedReply, stubThread } from '../../lib/testing/index.js';
import { askingThread, escalated } from '../asking-thread.js';
import { OfflineCodex } from '../offline-codex.js';
import { failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';

describe('toUIMessageStream', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;

  before(async () => {
    offline = await OfflineCodex.start();
    codex = offline.client();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  function thread(): Thread {
    return askingThread(codex, offline.home.path);
  }

  /** All chunks of a turn; the function decides approvals. */
  async function chunksOf(
    turn: Turn<unknown>,
    options: UIMessageStreamOptions = {},
    decide?: (approvalId: string) => void,
  ): Promise<CodexUIMessageChunk[]> {
    const chunks: CodexUIMessageChunk[] = [];
    for await (const chunk of toUIMessageStream(turn, options)) {
      chunks.push(chunk);
      if (chunk.type === 'tool-approval-request' && chunk.isAutomatic !== true)
        decide?.(chunk.approvalId);
    }
    return chunks;
  }

  /** The message that the AI SDK builds from chunks; throws its first error. */
  async function messageOf(chunks: readonly CodexUIMessageChunk[]): Promise<CodexUIMessage> {
    const stream = new ReadableStream<CodexUIMessageChunk>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(chunk);
        controller.close();
      },
    });
    const states = readUIMessageStream<CodexUIMessage>({ stream, terminateOnError: true });
    let last: CodexUIMessage | undefined;
    for await (const state of states) last = state;
    if (last === undefined) throw new Error('There is no message.');
    return last;
  }

  const typesOf = ({ parts }: CodexUIMessage): readonly string[] => parts.map(({ type }) => type);

  describe('of a turn that thinks, runs a command and answers', () => {
    let chunks: CodexUIMessageChunk[];
    let message: CodexUIMessage;
    let turn: Turn;
    let own: Thread;

    before(async () => {
      offline.model.reply(
        ScriptedReply.reasoning('Look first')
          .message('I look.', { phase: 'commentary' })
          .shellCommand('echo 3 tests'),
        ScriptedReply.deltas('Three ', 'tests.'),
      );
      own = thread();
      turn = own.runStreamed('How many?');
      chunks = await chunksOf(turn);
      message = await messageOf(chunks);
    });

    it('has a part for each of them, and a step for each answer of the model', () => {
      expect(typesOf(message)).to.deep.equal([
        'step-start',
        'reasoning',
        'text',
        'tool-command',
        'data-usage',
        'step-start',
        'text',
      ]);
      expect(message.parts[1]).to.include({ text: 'Look first', state: 'done' });
      expect(message.parts[2]).to.deep.include({
        text: 'I look.',
        state: 'done',
        providerMetadata: { codex: { phase: 'commentary' } },
      });
      expect(message.parts.at(-1)).to.include({ text: 'Three tests.', state: 'done' });
    });

    it('has the output and the exit code of the command', () => {
      expect(message.parts[3])
        .to.deep.include({ state: 'output-available', providerExecuted: true })
        .and.to.have.nested.include({
          'input.workingDirectory': offline.home.path,
          'output.output': '3 tests\n',
          'output.exitCode': 0,
        });
    });

    it('has the id of the turn, its thread and its usage', () => {
      const { turnId } = turn;

      expect(message.id).to.equal(turnId);
      expect(message.metadata).to.deep.include({ threadId: own.threadId, turnId });
      expect(message.metadata?.usage).to.include({ totalTokens: 30 });
    });

    it('ends with the reason', () => {
      expect(chunks.at(-1)).to.deep.include({ type: 'finish', finishReason: 'stop' });
    });

    it('is a message that the AI SDK validates and converts', async () => {
      const [valid] = await validateUIMessages<CodexUIMessage>({ messages: [message] });
      const converted = await convertToModelMessages([message]);

      expect(JSON.parse(JSON.stringify(valid))).to.deep.equal(JSON.parse(JSON.stringify(message)));
      expect(converted.map(({ role }) => role)).to.include('assistant');
    });

    it('has the same parts when it is later read from the thread', async () => {
      const [question, answer] = await toUIMessages(own);

      expect(question).to.deep.include({
        role: 'user',
        parts: [{ type: 'text', text: 'How many?' }],
      });
      expect(answer).to.include({ id: turn.turnId, role: 'assistant' });
      expect(typesOf(answer!)).to.deep.equal(['reasoning', 'text', 'tool-command', 'text']);
      expect(answer!.parts[2]).to.have.nested.include({ 'output.output': '3 tests\n' });
      await validateUIMessages<CodexUIMessage>({ messages: [question, answer] });
    });
  });

  it('has tools of the thread as dynamic tools', async () => {
    offline.model.reply(
      ScriptedReply.functionCall('find', { id: 'p-1' }),
      ScriptedReply.message('Found.'),
    );
    const find = tool({
      name: 'find',
      description: 'Finds a payment.',
      input: z.object({ id: z.string() }),
      run: ({ id }) => `${id} is settled`,
    });

    const message = await messageOf(
      await chunksOf(codex.startThread({ tools: [find] }).runStreamed('Find p-1')),
    );

    expect(message.parts.find(({ type }) => type === 'dynamic-tool')).to.deep.include({
      toolName: 'find',
      input: { id: 'p-1' },
      state: 'output-available',
      output: 'p-1 is settled',
    });
  });

  it('has the plan and the changes as data parts that are replaced', async () => {
    const plan = (status: 'pending' | 'completed') =>
      event('plan.updated', { plan: [{ step: 'Look', status }] });
    const { thread: stub } = stubThread({
      turns: [{ events: [plan('pending'), event('turn.diff', { diff: 'a' }), plan('completed')] }],
    });

    const message = await messageOf(await chunksOf(stub.runStreamed('Go')));

    const data = message.parts.filter(({ type }) => /^data-(plan|diff)$/.test(type));
    expect(data).to.deep.equal([
      {
        type: 'data-plan',
        id: 'plan',
        data: { explanation: null, plan: [{ step: 'Look', status: 'completed' }] },
      },
      { type: 'data-diff', id: 'diff', data: { diff: 'a' } },
    ]);
  });

  it('removes a text that the model restarts', async () => {
    offline.model.reply(
      ScriptedReply.deltas('half a').cut(),
      ScriptedReply.deltas('the ', 'whole'),
    );

    const chunks = await chunksOf(thread().runStreamed('Go'));

    const message = await messageOf(chunks);
    expect(chunks.map(({ type }) => type)).to.include('reset-step');
    expect(message.parts.filter(({ type }) => type === 'text')).to.have.length(1);
    expect(message.parts.find(({ type }) => type === 'text')).to.include({ text: 'the whole' });
    expect(chunks.find(({ type }) => type === 'data-notice')).to.have.nested.include({
      'data.kind': 'retrying',
    });
  });

  describe('with the queue of approvals', () => {
    it('asks the client about a command, and continues when it is allowed', async () => {
      offline.model.reply(
        ScriptedReply.shellCommand('echo deployed', escalated),
        ScriptedReply.message('Done.'),
      );
      using approvals = new QueuedApprovals();

      const chunks = await chunksOf(
        thread().runStreamed('Deploy', { approvals }),
        { approvals },
        (id) => {
          approvals.decide(id, { decision: 'allow', reason: 'by Ann' });
        },
      );

      const tool = (await messageOf(chunks)).parts.find(({ type }) => type === 'tool-command');
      expect(tool).to.have.nested.include({
        state: 'output-available',
        'output.output': 'deployed\n',
        'approval.approved': true,
        'approval.reason': 'by Ann',
        'approval.requestReason': 'To deploy.',
        'approval.descriptor.kind': 'command',
      });
      expect(tool).to.have.nested.property('approval.descriptor.decisions').that.includes('deny');
      expect(JSON.stringify(chunks)).not.to.contain('secret');
    });

    it('shows a command that the client denied as denied', async () => {
      offline.model.reply(
        ScriptedReply.shellCommand('echo deployed', escalated),
        ScriptedReply.message('I may not.'),
      );
      using approvals = new QueuedApprovals();

      const chunks = await chunksOf(
        thread().runStreamed('Deploy', { approvals }),
        { approvals },
        (id) => {
          approvals.decide(id, { decision: 'deny' });
        },
      );

      const message = await messageOf(chunks);
      expect(message.parts.find(({ type }) => type === 'tool-command')).to.have.nested.include({
        state: 'output-denied',
        'approval.approved': false,
      });
      expect(message.parts.at(-1)).to.include({ text: 'I may not.' });
    });
  });

  it('shows the decision of a handler on the server, without asking the client', async () => {
    offline.model.reply(
      ScriptedReply.shellCommand('echo deployed', escalated),
      ScriptedReply.message('I may not.'),
    );
    const approvals = new AskApprovals((request) => request.deny('not on a Friday'));

    const message = await messageOf(await chunksOf(thread().runStreamed('Deploy', { approvals })));

    expect(message.parts.find(({ type }) => type === 'tool-command')).to.have.nested.include({
      state: 'output-denied',
      'approval.isAutomatic': true,
      'approval.reason': 'not on a Friday',
    });
  });

  describe('that ends early', () => {
    it('interrupts the turn when it is cancelled', async () => {
      const gate = new Gate();
      offline.model.reply(ScriptedReply.deltas('half').gate(gate));
      const turn = thread().runStreamed('Go');
      const reader = toUIMessageStream(turn).getReader();
      await reader.read();
      await gate.reached;

      await reader.cancel();

      expect(turn.status).to.equal('interrupted');
    });

    it('closes its parts and is aborted when the turn is interrupted', async () => {
      const gate = new Gate();
      offline.model.reply(ScriptedReply.deltas('half').gate(gate));
      const turn = thread().runStreamed('Go');

      const chunks: CodexUIMessageChunk[] = [];
      for await (const chunk of toUIMessageStream(turn)) {
        chunks.push(chunk);
        if (chunk.type === 'text-delta') void turn.interrupt();
      }

      expect(chunks.at(-1)).to.include({ type: 'abort' });
      expect((await messageOf(chunks)).parts.at(-1)).to.include({ text: 'half', state: 'done' });
    });

    it('is aborted when a signal stops the turn', async () => {
      const [gate, stop] = [new Gate(), new AbortController()];
      offline.model.reply(ScriptedReply.deltas('half').gate(gate));
      const read = chunksOf(thread().runStreamed('Go', { signal: stop.signal }));
      await gate.reached;

      stop.abort();

      expect((await read).at(-1)).to.include({ type: 'abort' });
    });

    it('ends an open call and a pending approval', async () => {
      offline.model.reply(ScriptedReply.shellCommand('echo deployed', escalated));
      using approvals = new QueuedApprovals();
      const turn = thread().runStreamed('Deploy', { approvals });

      const chunks = await chunksOf(turn, { approvals }, () => {
        void turn.interrupt();
      });

      const tool = (await messageOf(chunks)).parts.find(({ type }) => type === 'tool-command');
      expect(tool).to.have.property('state').that.is.oneOf(['output-denied', 'output-error']);
      expect(tool).to.have.nested.include({ 'approval.approved': false });
    });

    it('has the reason for a failed turn', async () => {
      offline.model.reply(ScriptedReply.status(400, { error: { message: 'Too many cooks' } }));

      const chunks = await chunksOf(thread().runStreamed('Go'));

      expect(chunks.at(-1)).to.have.property('type', 'error');
      expect(chunks.at(-1)).to.have.property('errorText').that.contains('Too many cooks');
    });

    it('has only the code of another error, unless the caller sets the text', async () => {
      const broken = () =>
        codex.startThread({ modelProvider: 'nowhere', workingDirectory: offline.home.path });

      const [silent] = await chunksOf(broken().runStreamed('Go'));
      const [told] = await chunksOf(broken().runStreamed('Go'), { onError: () => 'Try later.' });

      expect(silent).to.deep.equal({
        type: 'error',
        errorText: 'The turn could not be run (request-refused).',
      });
      expect(told).to.deep.equal({ type: 'error', errorText: 'Try later.' });
    });
  });

  it('does not start before it is read', () => {
    const turn = thread().runStreamed('Go');

    toUIMessageStream(turn);

    expect(turn.status).to.equal('pending');
  });

  it('rejects a turn whose events have another reader', () => {
    const turn = thread().runStreamed('Go');
    toUIMessageStream(turn);

    expect(() => toUIMessageStream(turn))
      .to.throw()
      .with.property('code', 'already-read');
  });

  describe('as a response', () => {
    it('is an event stream of the AI SDK', async () => {
      offline.model.reply(ScriptedReply.message('A test fails.'));

      const response = toUIMessageStreamResponse(thread().runStreamed('Go'));
      const text = await response.text();

      expect(response.headers.get('content-type')).to.equal('text/event-stream');
      expect(response.headers.get('x-vercel-ai-ui-message-stream')).to.equal('v1');
      expect(text).to.contain('data: {"type":"text-delta"');
      expect(text).to.match(/data: \[DONE\]\n\n$/);
    });

    it('interrupts the turn when the client disconnects', async () => {
      const gate = new Gate();
      offline.model.reply(ScriptedReply.deltas('half').gate(gate));
      const turn = thread().runStreamed('Go');
      const response = toUIMessageStreamResponse(turn);
      await gate.reached;

      await response.body?.cancel();

      expect(await failure(turn.result())).to.have.property('code', 'turn-interrupted');
    });
  });
});
