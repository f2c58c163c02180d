import { expect } from 'chai';
import { inspect } from 'node:util';
import {
  Codex,
  ResumeRejectedError,
  telemetry,
  ValidationError,
  type TelemetryMessages,
  type ThreadMetadata,
} from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

async function idsOf(found: AsyncIterable<ThreadMetadata>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { threadId } of found) ids.push(threadId);
  return ids;
}

describe('On the real codex-rs', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
    codex = offline.client();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  describe('labels', () => {
    it('are stored with the thread and read back on resume', async () => {
      const { threadId } = await codex
        .startThread({ labels: { team: 'payments', a: 'b=c' } })
        .run('Hi');

      const resumed = await codex.resumeThread(threadId);

      expect(resumed.labels.toJSON()).to.deep.equal({ team: 'payments', a: 'b=c' });
    });

    it('given on resume override the stored ones for that value only', async () => {
      const { threadId } = await codex.startThread({ labels: { team: 'payments' } }).run('Hi');

      const resumed = await codex.resumeThread(threadId, { labels: { team: 'other', more: '1' } });

      expect(resumed.labels.toJSON()).to.deep.equal({ team: 'other', more: '1' });
      expect((await codex.resumeThread(threadId)).labels.toJSON()).to.deep.equal({
        team: 'payments',
      });
    });

    it('find the threads that have all of them', async () => {
      const one = await codex.startThread({ labels: { find: 'me', kind: 'x' } }).run('Hi');
      const two = await codex.startThread({ labels: { find: 'me', kind: 'y' } }).run('Hi');

      expect(await idsOf(codex.findThreads({ find: 'me' }))).to.have.members([
        one.threadId,
        two.threadId,
      ]);
      expect(await idsOf(codex.findThreads({ find: 'me', kind: 'y' }))).to.deep.equal([
        two.threadId,
      ]);
      expect(await idsOf(codex.findThreads({ find: 'nobody' }))).to.deep.equal([]);
    });

    it('require at least one label for a search', async () => {
      const error: unknown = await idsOf(codex.findThreads({})).catch((reason: unknown) => reason);

      expect(error).to.be.instanceOf(ValidationError);
    });

    it('of an ephemeral thread stay in its value and do not fail a turn', async () => {
      const problems: unknown[] = [];
      const forget = telemetry.problem.subscribe((message) => problems.push(message));
      const thread = codex.startThread({ ephemeral: true, labels: { team: 'payments' } });

      const { finalResponse } = await thread.run('Hi');
      forget();

      expect(finalResponse).to.equal('Yes');
      expect(thread.labels.get('team')).to.equal('payments');
      expect(problems).to.deep.equal([]);
    });
  });

  describe('a snapshot', () => {
    it('restores the thread in another process, with its labels and options', async () => {
      const first = offline.client();
      const thread = first.startThread({ sandboxMode: 'read-only', labels: { team: 'payments' } });
      const { threadId } = await thread.run('Remember me');
      const text = JSON.stringify(thread);
      await first.close();

      const restored = await codex.restoreThread(JSON.parse(text));
      await restored.run('Again');

      expect(restored.threadId).to.equal(threadId);
      expect(restored.labels.toJSON()).to.deep.equal({ team: 'payments' });
      expect(restored.threadOptions.sandboxMode).to.equal('read-only');
      expect(offline.model.requests.at(-1)?.userTexts).to.include('Remember me');
    });

    it('restores the thread from the value of toJSON too', async () => {
      const thread = codex.startThread({ labels: { team: 'payments' } });
      await thread.run('Remember me');

      const restored = await codex.restoreThread(thread.toJSON());

      expect(restored.equals(thread)).to.equal(true);
    });

    it('contains no secret', async () => {
      const client = offline.client({ apiKey: 'the-secret-key-of-the-host' });
      const thread = client.startThread({ config: { some: { api_key: 'a-secret-in-config' } } });
      await thread.run('Hi');

      expect(JSON.stringify(thread)).not.to.match(/(?:the|a)-secret/);
    });

    it('contains no key of the client, wherever the key was set', async () => {
      const [apiKey, continuationSecret] = [
        'canary-key-of-the-host',
        'canary-that-signs-all-tokens',
      ];
      const client = offline.client({ apiKey, continuationSecret });
      const thread = client.startThread({
        config: { greeting: `say ${apiKey}`, list: [continuationSecret, 'kept'] },
        developerInstructions: `The key is ${apiKey}.`,
        baseInstructions: 'Be brief.',
      });
      await thread.run(`My key is ${apiKey}, is it not?`);
      await thread.read();

      const text = JSON.stringify(thread);

      expect(text).not.to.contain('canary');
      expect(JSON.parse(text)).to.have.nested.property(
        'metadata.preview',
        'My key is [redacted], is it not?',
      );
      expect(JSON.parse(text)).to.have.nested.property('options.baseInstructions', 'Be brief.');
      expect(JSON.parse(text)).to.have.deep.nested.property('options.config', { list: ['kept'] });
    });

    it('contains no key that the client reads from a variable', () => {
      const env = { CODEX_API_KEY: 'canary-key-of-the-variable\n' };
      const thread = new Codex({ env }).startThread({
        developerInstructions: 'The key is canary-key-of-the-variable.',
        baseInstructions: 'Be brief.',
      });

      expect(thread.toJSON().options).to.deep.equal({ baseInstructions: 'Be brief.' });
    });

    it('exposes its token only as JSON, as the thread and its results do', async () => {
      const thread = codex.startThread();
      const result = await thread.run('Hi');
      const token = String(result.continuation);

      const seen = inspect([thread, result, thread.toJSON()], { depth: 9, showHidden: true });

      expect(thread.toJSON().continuation).to.equal(token);
      expect(seen).not.to.contain(token.slice(4, 30));
    });

    it('of a thread that never ran restores its description', async () => {
      const thread = codex.startThread({ model: 'gpt-5.5', labels: { team: 'payments' } });

      const restored = await codex.restoreThread(JSON.parse(JSON.stringify(thread)));

      expect(restored.threadId).to.equal(null);
      expect(restored.threadOptions.equals(thread.threadOptions)).to.equal(true);
    });

    it('is judged, and a mismatch is reported before it is thrown', async () => {
      const thread = codex.startThread();
      await thread.run('One');
      const snapshot: unknown = JSON.parse(JSON.stringify(thread));
      await thread.run('Two');
      const messages: TelemetryMessages['resumeMismatch'][] = [];
      const forget = telemetry.resumeMismatch.subscribe((message) => messages.push(message));

      const error: unknown = await codex.restoreThread(snapshot).catch((reason: unknown) => reason);
      forget();

      expect(error).to.be.instanceOf(ResumeRejectedError);
      expect(messages).to.have.length(1);
      expect(messages[0]).to.include({
        threadId: thread.threadId,
        reason: 'stale',
        advancedBy: 1,
      });
    });

    it('reports a thread that advanced between the judgement and the first turn', async () => {
      const thread = codex.startThread();
      const { threadId, continuation } = await thread.run('One');
      await thread.release();
      const late = await offline.client().resumeThread(threadId, { continuation });
      await thread.run('Two');
      await thread.release();
      const messages: TelemetryMessages['resumeMismatch'][] = [];
      const forget = telemetry.resumeMismatch.subscribe((message) => messages.push(message));

      const error: unknown = await late.run('Mine').catch((reason: unknown) => reason);
      forget();

      expect(error).to.include({ reason: 'stale' });
      expect(messages).to.deep.equal([
        { threadId, reason: 'stale', message: messages[0]?.message, advancedBy: 1 },
      ]);
      // A refused client does not keep the writer lock.
      expect((await thread.run('Three')).threadId).to.equal(threadId);
    });

    it('that is invalid is rejected with all its problems', async () => {
      const error: unknown = await codex
        .restoreThread({ version: 2, threadId: 'x', extra: 1 })
        .catch((reason: unknown) => reason);

      expect(error).to.be.instanceOf(ValidationError);
      expect((error as ValidationError).problems.map(({ path }) => path)).to.include.members([
        'version',
        'threadId',
        'extra',
        'labels',
        'options',
      ]);
    });
  });
});
