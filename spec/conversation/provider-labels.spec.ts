import { expect } from 'chai';
import { Codex, ValidationError } from '../../lib/index.js';
import { ScriptedReply, type ScriptedRequest } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

const labels = { team: 'payments-7f3zebra', 'größe "x"': 'groß 😀\n', thread_id: 'mine-7f3zebra' };

describe('The labels of a thread', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  const everything = ({ headers, body }: ScriptedRequest): string =>
    JSON.stringify([headers, body]);

  it('do not reach the model provider by default', async () => {
    await offline.client().startThread({ labels }).run('Hi');

    const sent = everything(offline.model.requests.at(-1)!);
    expect(sent).not.to.contain('7f3zebra');
    expect(sent).not.to.contain('label.');
  });

  it('reach it with labelsToProvider, under names without a conflict', async () => {
    const codex = offline.client({ labelsToProvider: true });
    const thread = codex.startThread({ labels });

    const { threadId } = await thread.run('Hi');
    const first = offline.model.requests.at(-1);
    await thread.clone({ labels: { team: 'other' } }).run('Hi');
    const second = offline.model.requests.at(-1);
    await thread.clone().run('Hi');
    const third = offline.model.requests.at(-1);

    expect(first?.turnMetadata).to.include({
      'label.team': 'payments-7f3zebra',
      'label.größe "x"': 'groß 😀\n',
      'label.thread_id': 'mine-7f3zebra',
      thread_id: threadId,
    });
    expect(first?.body.client_metadata)
      .to.have.property('x-codex-turn-metadata')
      .that.equals(first?.headers['x-codex-turn-metadata']);
    expect(second?.turnMetadata).to.include({ 'label.team': 'other' });
    expect(third?.turnMetadata).to.include({ 'label.team': 'payments-7f3zebra' });
  });

  it('reach it on resume, as codex-rs stores them', async () => {
    const first = offline.client();
    const { threadId } = await first.startThread({ labels: { team: 'kept-7f3zebra' } }).run('Hi');
    await first.close();

    await (await offline.client({ labelsToProvider: true }).resumeThread(threadId)).run('Hi');

    expect(offline.model.requests.at(-1)?.turnMetadata).to.include({
      'label.team': 'kept-7f3zebra',
    });
  });

  it('are not sent for a thread without labels', async () => {
    await offline.client({ labelsToProvider: true }).startThread().run('Hi');

    expect(everything(offline.model.requests.at(-1)!)).not.to.contain('label.');
  });

  it('that are too long for a header are rejected before the turn', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`n${index}`, 'é'.repeat(100)]),
    );
    const before = offline.model.requests.length;

    const error = await failure(
      offline.client({ labelsToProvider: true }).startThread({ labels: many }).run('Hi'),
    );

    expect(error).to.be.instanceOf(ValidationError);
    expect((error as Error).message)
      .to.contain('labels')
      .and.to.contain('4096');
    expect(offline.model.requests).to.have.length(before);
  });

  it('cannot reach it without the experimental API', () => {
    expect(() => new Codex({ labelsToProvider: true, experimentalApi: false })).to.throw(
      ValidationError,
      'labelsToProvider: requires experimentalApi',
    );
  });
});
