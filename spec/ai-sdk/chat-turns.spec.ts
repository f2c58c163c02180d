import { DefaultChatTransport, readUIMessageStream, type UIMessageChunk } from 'ai';
import { expect } from 'chai';
import {
  ChatTurns,
  type CodexUIMessage,
  type CodexUIMessageChunk,
} from '../../lib/ai-sdk/index.js';
import { QueuedApprovals, type Codex, type Thread, type Turn } from '../../lib/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { askingThread, escalated } from '../asking-thread.js';
import { OfflineCodex } from '../offline-codex.js';
import { failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';

describe('ChatTurns', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;
  let approvals: QueuedApprovals;
  let chats: ChatTurns;

  before(async () => {
    offline = await OfflineCodex.start();
  });

  beforeEach(() => {
    approvals = new QueuedApprovals();
    codex = offline.client({ approvals });
    chats = new ChatTurns({ approvals });
  });

  afterEach(async () => {
    await chats.close();
    await codex.close();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  function thread(): Thread {
    return askingThread(codex, offline.home.path);
  }

  /** A turn whose model has sent `half`, and continues only when the gate opens. */
  function halting(gate = new Gate()): Turn {
    offline.model.reply(ScriptedReply.deltas('half').gate(gate).deltas(' whole'));
    return thread().runStreamed('Go');
  }

  /** The transport of `useChat`: its requests call the routes that a server would create for the chats. */
  function transport(turn?: Turn): DefaultChatTransport<CodexUIMessage> {
    return new DefaultChatTransport<CodexUIMessage>({
      api: 'http://chat/api/chat',
      fetch: async (url, init) => {
        const [, chatId = ''] = /\/api\/chat\/([^/]+)\/stream$/.exec(url as string) ?? [];
        if (init?.method === 'GET') return Promise.resolve(chats.resume(chatId));
        const { id } = JSON.parse(init?.body as string) as { id: string };
        return Promise.resolve(chats.respond(id, turn!));
      },
    });
  }

  async function sent(turn: Turn, chatId = 'c'): Promise<ReadableStream<UIMessageChunk>> {
    return transport(turn).sendMessages({
      chatId,
      messages: [],
      trigger: 'submit-message',
      messageId: undefined,
      abortSignal: undefined,
    });
  }

  async function resumed(chatId = 'c'): Promise<ReadableStream<UIMessageChunk> | null> {
    return transport().reconnectToStream({ chatId });
  }

  async function textOf(stream: ReadableStream<UIMessageChunk> | null): Promise<string> {
    let text = '';
    for await (const { parts } of readUIMessageStream<CodexUIMessage>({ stream: stream! }))
      text = parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');
    return text;
  }

  /** Reads until a chunk of this type arrives, and returns it. */
  async function until<Type extends CodexUIMessageChunk['type']>(
    reader: ReadableStreamDefaultReader,
    type: Type,
  ): Promise<Extract<CodexUIMessageChunk, { type: Type }>> {
    for (;;) {
      const { done, value } = (await reader.read()) as {
        done: boolean;
        value: CodexUIMessageChunk;
      };
      if (done) throw new Error(`The stream has no ${type}.`);
      if (value.type === type) return value as Extract<CodexUIMessageChunk, { type: Type }>;
    }
  }

  describe('with a client that disconnects and reconnects', () => {
    it('continue the turn, and send the complete answer to the client', async () => {
      const gate = new Gate();
      const turn = halting(gate);
      const first = (await sent(turn)).getReader();
      await until(first, 'text-delta');

      await first.cancel();
      const second = await resumed();
      gate.open();

      expect(await textOf(second)).to.equal('half whole');
      expect(turn.status).to.equal('completed');
    });

    it('send the same stream to several clients', async () => {
      const gate = new Gate();
      const streams = [await sent(halting(gate)), await resumed()];
      gate.open();

      expect(await Promise.all(streams.map(textOf))).to.deep.equal(['half whole', 'half whole']);
    });

    it('ask again for a pending approval', async () => {
      offline.model.reply(
        ScriptedReply.shellCommand('echo deployed', escalated),
        ScriptedReply.message('Done.'),
      );
      const first = (await sent(thread().runStreamed('Deploy'))).getReader();
      await until(first, 'tool-approval-request');
      await first.cancel();

      const second = (await resumed())!.getReader();
      const { approvalId } = await until(second, 'tool-approval-request');
      chats.decide('c', { id: approvalId, approved: true });

      expect(await until(second, 'tool-approval-response')).to.include({ approved: true });
      expect(await until(second, 'finish')).to.include({ finishReason: 'stop' });
    });

    it('still return an answer that has just completed', async () => {
      offline.model.reply(ScriptedReply.message('A test fails.'));
      await textOf(await sent(thread().runStreamed('Go')));

      expect(chats.isRunning('c')).to.equal(false);
      expect(await textOf(await resumed())).to.equal('A test fails.');
    });

    it('return no answer for a chat that never ran', async () => {
      expect(await resumed('never')).to.equal(null);
    });

    it('interrupt a turn that no client has read for the time limit', async () => {
      chats = new ChatTurns({ abandonedMs: 1 });
      const turn = halting();
      const reader = (await sent(turn)).getReader();
      await until(reader, 'text-delta');

      await reader.cancel();

      expect(await failure(turn.result())).to.have.property('code', 'turn-interrupted');
    });
  });

  it('interrupt the turn at the request of the client', async () => {
    const reader = (await sent(halting())).getReader();
    await until(reader, 'text-delta');

    const report = await chats.stop('c');

    expect(report).to.include({ acknowledged: true });
    expect(await until(reader, 'abort')).to.have.property('reason');
    expect(await chats.stop('c')).to.equal(null);
  });

  it('reject a second turn while one is running', async () => {
    const reader = (await sent(halting())).getReader();
    await until(reader, 'text-delta');

    expect(() => chats.respond('c', thread().runStreamed('Again')))
      .to.throw()
      .with.property('code', 'thread-busy');
  });

  it('interrupt all turns when they are closed', async () => {
    const turns = [halting(), halting()];
    for (const [index, turn] of turns.entries())
      await until((await sent(turn, String(index))).getReader(), 'text-delta');

    await chats.close();
    await chats.close();

    expect(turns.map(({ status }) => status)).to.deep.equal(['interrupted', 'interrupted']);
  });

  describe('with a pending approval', () => {
    let id: string;
    let reader: ReadableStreamDefaultReader;

    beforeEach(async () => {
      offline.model.reply(
        ScriptedReply.shellCommand('echo deployed', escalated),
        ScriptedReply.message('Done.'),
      );
      reader = (await sent(thread().runStreamed('Deploy'))).getReader();
      ({ approvalId: id } = await until(reader, 'tool-approval-request'));
    });

    function refusal(chatId: string, answer: unknown): unknown {
      try {
        chats.decide(chatId, answer);
      } catch (error) {
        return error;
      }
      return undefined;
    }

    it('accept a refusal, with a reason', async () => {
      chats.decide('c', { id, approved: false, reason: 'not now' });

      expect(await until(reader, 'tool-approval-response')).to.include({ reason: 'not now' });
      expect(await until(reader, 'tool-output-denied')).to.have.property('toolCallId');
      await until(reader, 'finish');
    });

    it('accept a decision of the request', async () => {
      chats.decide('c', { id, decision: 'allowForSession' });

      expect(await until(reader, 'tool-approval-response')).to.include({ approved: true });
      await until(reader, 'finish');
    });

    it('reject the client of another chat', async () => {
      chats.decide('c', { id, approved: true });
      await until(reader, 'finish');
      const other = (await sent(halting(), 'other')).getReader();
      await until(other, 'text-delta');
      offline.model.reply(ScriptedReply.shellCommand('echo deployed', escalated));
      const again = (await sent(thread().runStreamed('Deploy'))).getReader();
      const { approvalId } = await until(again, 'tool-approval-request');

      const refusals = ['other', 'never'].map((chatId) =>
        refusal(chatId, { id: approvalId, approved: true }),
      );

      for (const error of refusals) expect(error).to.have.property('code', 'approval-not-pending');
      expect(approvals.pending()).to.have.length(1);
      await chats.close();
    });

    it('reject an invalid answer, and keep waiting', async () => {
      const wrong = { id, approved: 'yes', reason: 1, answers: [] };

      expect(refusal('c', wrong)).to.have.property('problems').with.length(3);
      expect(refusal('c', 'yes')).to.have.property('code', 'invalid-input');
      expect(refusal('c', { id, decision: 'answer' })).to.have.property(
        'code',
        'decision-not-possible',
      );
      expect(approvals.pending()).to.have.length(1);
      chats.decide('c', { id, approved: true });
      await until(reader, 'finish');
    });
  });
});
