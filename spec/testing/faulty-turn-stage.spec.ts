import { expect } from 'chai';
import type { ThreadItem } from '../../lib/protocol/index.js';
import { FaultyAppServer } from '../../lib/testing/faulty-app-server.js';
import { FaultyTurn } from '../../lib/testing/faulty-turn.js';
import { InMemoryClient } from './raw-client.js';

/** A client whose next turn is this one, on a fresh thread. */
async function beginning(
  turn: FaultyTurn,
): Promise<{ client: InMemoryClient; threadId: string; faulty: FaultyAppServer }> {
  const faulty = new FaultyAppServer().plays(turn);
  const client = new InMemoryClient(faulty);
  return { client, threadId: await client.begin(), faulty };
}

async function played(turn: FaultyTurn): Promise<InMemoryClient> {
  const { client, threadId } = await beginning(turn);
  await client.playTurn(threadId);
  return client;
}

function completed<T extends ThreadItem['type']>(
  client: InMemoryClient,
  type: T,
): Extract<ThreadItem, { type: T }>[] {
  return client
    .told('item/completed')
    .map(({ params }) => params.item)
    .filter((item): item is Extract<ThreadItem, { type: T }> => item.type === type);
}

describe('FaultyTurnStage', () => {
  describe('the end', () => {
    it('fails with the error given, told once and then in the turn', async () => {
      const codexErrorInfo = { httpConnectionFailed: { httpStatusCode: 401 } };
      const client = await played(
        new FaultyTurn().message('a').fail({ message: 'unexpected status 401', codexErrorInfo }),
      );

      const error = {
        message: 'unexpected status 401',
        codexErrorInfo,
        additionalDetails: null,
        misalignment: null,
      };
      const [told] = client.told('error');
      expect(told?.params).to.deep.include({ willRetry: false, error });
      const turn = client.told('turn/completed')[0]?.params.turn;
      expect(turn).to.deep.include({ status: 'failed', error, items: [] });
      expect(client.methods.slice(-4)).to.deep.equal([
        'thread/status/changed',
        'error',
        'thread/readState/changed',
        'turn/completed',
      ]);
      expect(client.told('thread/status/changed').at(-1)?.params.status.type).to.equal(
        'systemError',
      );
    });

    it('comes after the notices of a retry', async () => {
      const client = await played(
        new FaultyTurn().retrying({
          message: 'Reconnecting... 1/2',
          codexErrorInfo: { responseStreamDisconnected: { httpStatusCode: null } },
          additionalDetails: 'cut',
        }),
      );

      const [told] = client.told('error');
      expect(told?.params.willRetry).to.equal(true);
      expect(told?.params.error).to.include({ additionalDetails: 'cut' });
      expect(client.told('turn/completed')[0]?.params.turn.status).to.equal('completed');
    });

    it('may be an interruption by the server itself', async () => {
      const client = await played(new FaultyTurn().interrupt().message('never'));

      expect(client.told('turn/completed')[0]?.params.turn.status).to.equal('interrupted');
      expect(completed(client, 'agentMessage')).to.deep.equal([]);
    });

    it('may come before other steps', async () => {
      const client = await played(new FaultyTurn().complete().command('ls'));
      await client.until(() => completed(client, 'commandExecution')[0]);

      expect(client.methods.slice(-3)).to.deep.equal([
        'turn/completed',
        'item/started',
        'item/completed',
      ]);
      expect(client.told('turn/completed')).to.have.length(1);
    });
  });

  describe('the reply to turn/start', () => {
    async function order(turn: FaultyTurn): Promise<string[]> {
      const { client, threadId } = await beginning(turn);
      const from = client.messages.length;
      const { result } = await client.startTurn(threadId);
      await client.until(() => client.told('turn/completed')[0]);

      expect(result.turn).to.include({ status: 'inProgress', startedAt: null });
      return client.messages
        .slice(from)
        .map(({ method }) => method ?? 'reply')
        .filter((method) => ['reply', 'turn/started', 'turn/completed'].includes(method));
    }

    it('comes first', async () => {
      const turn = new FaultyTurn().acknowledged('first');

      expect(await order(turn)).to.deep.equal(['reply', 'turn/started', 'turn/completed']);
    });

    it('comes after turn/started when told so', async () => {
      const turn = new FaultyTurn().acknowledged('afterStarted');

      expect(await order(turn)).to.deep.equal(['turn/started', 'reply', 'turn/completed']);
    });

    it('comes after turn/completed when told so', async () => {
      const turn = new FaultyTurn().acknowledged('afterCompleted');

      expect(await order(turn)).to.deep.equal(['turn/started', 'turn/completed', 'reply']);
    });
  });

  describe('usage', () => {
    it('adds up over the requests of a turn, and over turns', async () => {
      const faulty = new FaultyAppServer().plays(
        new FaultyTurn().usage({ inputTokens: 10, totalTokens: 12 }).message('a').usage(),
        { times: 2 },
      );
      const client = new InMemoryClient(faulty);
      const threadId = await client.begin();
      await client.playTurn(threadId);
      await client.playTurn(threadId);

      const usages = client
        .told('thread/tokenUsage/updated')
        .map(({ params }) => params.tokenUsage);
      expect(usages.map(({ last }) => last.inputTokens)).to.deep.equal([10, 101, 10, 101]);
      expect(usages.map(({ total }) => total.totalTokens)).to.deep.equal([12, 118, 130, 236]);
    });

    it('is told once at the end of a turn without a usage step', async () => {
      const client = await played(new FaultyTurn().message('a').message('b'));

      expect(client.told('thread/tokenUsage/updated')).to.have.length(1);
    });

    it('is never told without it', async () => {
      const client = await played(new FaultyTurn().message('a').withoutUsage());

      expect(client.methods).not.to.include('thread/tokenUsage/updated');
    });
  });
});
