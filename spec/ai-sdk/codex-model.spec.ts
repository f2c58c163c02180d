import { APICallError } from '@ai-sdk/provider';
import { generateText, Output, streamText, tool as sdkTool } from 'ai';
import { expect } from 'chai';
import { z } from 'zod';
import { codexModel } from '../../lib/ai-sdk/index.js';
import { AllowApprovals, TurnFailedError, type Codex, type Thread } from '../../lib/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';

describe('codexModel', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;

  before(async () => {
    offline = await OfflineCodex.start();
    codex = offline.client();
  });

  afterEach(() => {
    expect(offline.model.queuedReplies).to.equal(0);
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  function thread(): Thread {
    return codex.startThread({ sandboxMode: 'read-only', workingDirectory: offline.home.path });
  }

  function lastTexts(): readonly string[] {
    return offline.model.requests.at(-1)?.userTexts ?? [];
  }

  describe('in generateText', () => {
    it('runs a turn, and returns its ids and usage', async () => {
      offline.model.reply(
        ScriptedReply.message('A test fails.').usage({ inputTokens: 100, cachedInputTokens: 60 }),
      );
      const own = thread();

      const { text, finishReason, usage, finalStep } = await generateText({
        model: codexModel(own),
        prompt: 'Why is the build red?',
      });

      expect([text, finishReason]).to.deep.equal(['A test fails.', 'stop']);
      expect(usage).to.include({ inputTokens: 100, outputTokens: 5, totalTokens: 105 });
      expect(usage.inputTokenDetails).to.include({ cacheReadTokens: 60, noCacheTokens: 40 });
      expect(finalStep.providerMetadata?.codex).to.deep.equal({
        threadId: own.threadId,
        turnId: finalStep.response.id,
        continuation: String(own.continuation),
      });
    });

    it('continues the thread with the next call', async () => {
      offline.model.reply(ScriptedReply.message('One.'), ScriptedReply.message('Two.'));
      const own = thread();
      const model = codexModel(own);

      await generateText({ model, prompt: 'First' });
      const { threadId } = own;
      await generateText({ model, prompt: 'Second' });

      expect(own.threadId).to.equal(threadId);
      expect(lastTexts()).to.include.members(['First', 'Second']);
    });

    it('returns the tools of codex as calls that the provider executed', async () => {
      offline.model.reply(
        ScriptedReply.reasoning('Look').shellCommand('echo 3 tests', { escalated: true }),
        ScriptedReply.message('Three.'),
      );
      const model = codexModel(thread().clone({ options: { approvalPolicy: 'on-request' } }), {
        approvals: new AllowApprovals(),
      });

      const { content, steps } = await generateText({ model, prompt: 'How many?' });

      expect(steps).to.have.length(1);
      expect(content.map(({ type }) => type)).to.deep.equal([
        'reasoning',
        'tool-call',
        'tool-result',
        'text',
      ]);
      expect(content[1]).to.include({ toolName: 'command', providerExecuted: true });
      expect(content[2]).to.have.nested.include({ 'output.output': '3 tests\n' });
    });

    it('returns structured output, despite other messages of the model', async () => {
      offline.model.reply(
        ScriptedReply.message('I look.', { phase: 'commentary' }).message('{"risk":"high"}', {
          phase: 'final_answer',
        }),
      );

      const { output } = await generateText({
        model: codexModel(thread()),
        prompt: 'Assess the risk',
        output: Output.object({ schema: z.object({ risk: z.enum(['low', 'high']) }) }),
      });

      expect(output).to.deep.equal({ risk: 'high' });
      expect(JSON.stringify(offline.model.requests.at(-1)?.body)).to.contain('"risk"');
    });

    it('leaves an invalid answer to the AI SDK', async () => {
      offline.model.reply(ScriptedReply.message('{"risk":"none"}'));

      const error = await failure(
        generateText({
          model: codexModel(thread()),
          prompt: 'Assess the risk',
          output: Output.object({ schema: z.object({ risk: z.enum(['low', 'high']) }) }),
        }).then(({ output }) => output),
      );

      expect(error).to.have.property('name', 'AI_NoObjectGeneratedError');
    });

    it('warns about settings that codex-rs does not support', async () => {
      offline.model.reply(ScriptedReply.message('Yes.'));

      const { warnings } = await generateText({
        model: codexModel(thread()),
        prompt: 'Go',
        temperature: 0.2,
        maxOutputTokens: 10,
        tools: { find: sdkTool({ inputSchema: z.object({}) }) },
      });

      expect(warnings?.map((warning) => 'feature' in warning && warning.feature)).to.have.members([
        'temperature',
        'maxOutputTokens',
        'tools',
      ]);
    });

    it('forwards the effort, images and the key of the turn', async () => {
      offline.model.reply(ScriptedReply.message('A dot.'));
      const own = thread();
      const png =
        'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

      await generateText({
        model: codexModel(own),
        reasoning: 'high',
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'What is it?' },
              { type: 'file', mediaType: 'image/png', data: png },
            ],
          },
        ],
        providerOptions: { codex: { idempotencyKey: 'job-7' } },
      });

      const body = JSON.stringify(offline.model.requests.at(-1)?.body);
      expect(body).to.contain('input_image').and.to.contain('"effort":"high"');
      expect(await own.findTurn('job-7')).to.have.property('status', 'completed');
    });
  });

  describe('with a system message', () => {
    it('sends it once, as text, with a warning', async () => {
      offline.model.reply(ScriptedReply.message('Yes.'), ScriptedReply.message('Yes.'));
      const model = codexModel(thread());

      const first = await generateText({ model, instructions: 'Answer in French.', prompt: 'Go' });
      const second = await generateText({ model, instructions: 'Answer in French.', prompt: 'On' });

      expect(
        lastTexts()
          .join()
          .match(/Answer in French\./g),
      ).to.have.length(1);
      expect(first.warnings?.[0]).to.include({ type: 'compatibility', feature: 'system' });
      expect(second.warnings).to.deep.equal([]);
    });

    it('sends nothing if the thread has it as instructions', async () => {
      offline.model.reply(ScriptedReply.message('Yes.'));
      const developerInstructions = 'Answer in French.';
      const model = codexModel(codex.startThread({ developerInstructions }));

      const { warnings } = await generateText({
        model,
        instructions: developerInstructions,
        prompt: 'Go',
      });

      expect(warnings).to.deep.equal([]);
      expect(lastTexts().join()).not.to.contain('French');
    });
  });

  describe('with a prompt that has a history', () => {
    const messages = [
      { role: 'user' as const, content: 'My name is Ann.' },
      { role: 'assistant' as const, content: 'Hello Ann.' },
      { role: 'user' as const, content: 'What is my name?' },
    ];

    it('sends only the new message if the thread has the others', async () => {
      offline.model.reply(ScriptedReply.message('Hello Ann.'), ScriptedReply.message('Ann.'));
      const model = codexModel(thread());
      await generateText({ model, prompt: 'My name is Ann.' });

      await generateText({ model, messages });

      expect(lastTexts().filter((text) => text.includes('My name is Ann.'))).to.have.length(1);
      expect(lastTexts().at(-1)).to.equal('What is my name?');
    });

    it('does so on a resumed thread', async () => {
      offline.model.reply(ScriptedReply.message('Hello Ann.'), ScriptedReply.message('Ann.'));
      const { threadId } = await thread().run('My name is Ann.');
      const resumed = await codex.resumeThread(threadId);

      const { text } = await generateText({ model: codexModel(resumed), messages });

      expect(text).to.equal('Ann.');
    });

    it('rejects messages that the thread does not have', async () => {
      const sent = offline.model.requests.length;

      const error = await failure(generateText({ model: codexModel(thread()), messages }));

      expect(error).to.have.property('code', 'prompt-not-in-thread');
      expect(error).to.have.property('message').that.contains('My name is Ann.');
      expect(offline.model.requests).to.have.length(sent);
    });

    it('sends them once with history "send"', async () => {
      offline.model.reply(ScriptedReply.message('Ann.'), ScriptedReply.message('Bye.'));
      const model = codexModel(thread(), { history: 'send' });

      await generateText({ model, messages });
      await generateText({
        model,
        messages: [
          ...messages,
          { role: 'assistant', content: 'Ann.' },
          { role: 'user', content: 'Bye' },
        ],
      });

      const texts = lastTexts().join('\n');
      expect(texts.match(/My name is Ann\./g)).to.have.length(1);
      expect(texts).to.contain('Hello Ann.').and.to.contain('Bye');
    });

    it('omits them with history "ignore"', async () => {
      offline.model.reply(ScriptedReply.message('I do not know.'));

      await generateText({ model: codexModel(thread(), { history: 'ignore' }), messages });

      expect(lastTexts().join()).not.to.contain('My name is Ann.');
    });

    it('rejects a prompt without a new message', async () => {
      const error = await failure(
        generateText({ model: codexModel(thread()), messages: messages.slice(0, 2) }),
      );

      expect(error).to.have.property('code', 'invalid-input');
    });
  });

  describe('whose turn fails', () => {
    it('rejects with the cause, and does not run the turn twice', async () => {
      offline.model.reply(ScriptedReply.failed('rate_limit_exceeded', 'Slow down'));
      offline.model.otherwise(ScriptedReply.status(400, { error: { message: 'Too many cooks' } }));
      const own = thread();

      const error = await failure(generateText({ model: codexModel(own), prompt: 'Go' }));

      expect(APICallError.isInstance(error)).to.equal(true);
      expect(error).to.include({ isRetryable: false });
      expect(TurnFailedError.is((error as Error).cause)).to.equal(true);
      const turns = [];
      for await (const turn of own.turns()) turns.push(turn);
      expect(turns).to.have.length(1);
    });

    it('allows the AI SDK to retry a turn that was never sent', async () => {
      const gate = new Gate();
      offline.model.reply(ScriptedReply.deltas('half').gate(gate));
      const own = thread();
      const running = own.runStreamed('Go');
      const events = running[Symbol.asyncIterator]();
      await events.next();
      await gate.reached;

      const error = await failure(
        generateText({
          model: codexModel(own, { whenBusy: 'reject' }),
          prompt: 'Go',
          maxRetries: 0,
        }),
      );

      expect(error).to.include({ isRetryable: true });
      expect(error).to.have.nested.property('cause.code', 'thread-busy');
      await running.interrupt();
    });
  });

  describe('in streamText', () => {
    it('streams text, reasoning and tools', async () => {
      offline.model.reply(
        ScriptedReply.reasoning('Look').shellCommand('echo 3 tests'),
        ScriptedReply.deltas('Three ', 'tests.'),
      );

      const result = streamText({ model: codexModel(thread()), prompt: 'How many?' });
      const types = new Set<string>();
      for await (const { type } of result.stream) types.add(type);

      expect(await result.text).to.equal('Three tests.');
      expect([...types]).to.include.members([
        'reasoning-delta',
        'tool-call',
        'tool-result',
        'text-delta',
        'finish',
      ]);
      expect(await result.finishReason).to.equal('stop');
      expect(await result.usage).to.include({ totalTokens: 30 });
    });

    it('streams structured output as it grows', async () => {
      offline.model.reply(ScriptedReply.deltas('{"title":"A test', ' fails","risk":"high"}'));

      const { partialOutputStream, output } = streamText({
        model: codexModel(thread()),
        prompt: 'Assess the risk',
        output: Output.object({ schema: z.object({ title: z.string(), risk: z.string() }) }),
      });
      const partials = [];
      for await (const partial of partialOutputStream) partials.push(partial);

      expect(partials.at(-1)).to.deep.equal({ title: 'A test fails', risk: 'high' });
      expect(await output).to.deep.equal({ title: 'A test fails', risk: 'high' });
    });

    it('interrupts the turn when the signal is aborted', async () => {
      const [gate, stop] = [new Gate(), new AbortController()];
      offline.model.reply(ScriptedReply.deltas('half').gate(gate));
      const own = thread();

      const { stream } = streamText({
        model: codexModel(own),
        prompt: 'Go',
        abortSignal: stop.signal,
      });
      const types = [];
      for await (const { type } of stream) {
        types.push(type);
        if (type === 'text-delta') stop.abort();
      }

      expect(types).to.include('abort');
      offline.model.reply(ScriptedReply.message('Well again.'));
      expect((await own.run('Again')).finalResponse).to.equal('Well again.');
    });

    it('reports a failed turn', async () => {
      offline.model.otherwise(ScriptedReply.status(400, { error: { message: 'Too many cooks' } }));
      const errors: unknown[] = [];

      const { finishReason } = streamText({
        model: codexModel(thread()),
        prompt: 'Go',
        onError: ({ error }) => {
          errors.push(error);
        },
      });

      expect(await finishReason).to.equal('error');
      expect(errors).to.have.length(1);
      expect(errors[0]).to.have.property('message').that.contains('Too many cooks');
    });
  });
});
