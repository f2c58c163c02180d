import { expect } from 'chai';
import { firstTurn } from '../../examples/fleet/s3-store.js';
import { runTurn, S3ThreadStore } from '../../lib/fleet/index.js';
import { noProcessLeft } from '../root-hooks.js';
import { RealS3 } from './real-s3.js';
import { conformsToTheStores } from './store-conformance.js';
import { saidTo, TwoMachines } from './two-machines.js';

describe('S3ThreadStore', function () {
  this.timeout(60_000);
  const threadId = '01a219e6-ca06-7a21-a125-aaa840cb5060';
  const record = { threadId, continuation: null, turns: [] };
  let s3: RealS3;

  before(async () => {
    s3 = await RealS3.start();
  });

  after(async () => {
    await s3[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  async function namesUnder(prefix: string): Promise<readonly string[]> {
    const page = await s3.client.listObjectsV2({ Bucket: s3.bucket, Prefix: prefix });
    return (page.Contents ?? []).map((object) => object.Key ?? '');
  }

  describe('in one bucket', () => {
    conformsToTheStores(() => {
      const { client, bucket } = s3;
      return {
        one: new S3ThreadStore({ client, bucket }),
        other: new S3ThreadStore({ client, bucket }),
      };
    });

    it('leaves no unreferenced bundle and no part of one', async () => {
      const store = new S3ThreadStore({ client: s3.client, bucket: s3.bucket });
      let referred = 0;
      for await (const key of store.list())
        if ((await store.load(key))?.bundle !== null) referred += 1;

      expect(await namesUnder('bundles/')).to.have.length(referred);
      const { Uploads = [] } = await s3.client.listMultipartUploads({ Bucket: s3.bucket });
      expect(Uploads).to.eql([]);
    });
  });

  it('recognizes its own save after the reply was lost', async () => {
    const { client, bucket } = s3;
    let isLost = false;
    const losing = new Proxy(client, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return async (input: object): Promise<unknown> => {
          const answer: unknown = await Reflect.apply(method, target, [input]);
          // The behavior of the client after a lost reply.
          if (name !== 'putObject' || !('IfNoneMatch' in input) || isLost) return answer;
          isLost = true;
          return Reflect.apply(method, target, [input]) as unknown;
        };
      },
    });
    const store = new S3ThreadStore({ client: losing, bucket, prefix: 'lost/' });
    const version = await store.save('key', { record }, { ifVersion: null });

    expect(isLost).to.equal(true);
    expect((await store.load('key'))?.version).to.equal(version);
  });

  it('moves threads between machines', async () => {
    await using machines = await TwoMachines.start();
    const [here, there] = machines.clients();
    const { client, bucket } = s3;
    const store = new S3ThreadStore({ client, bucket, prefix: 'threads/' });
    const { outcome } = await firstTurn(here, client, bucket);
    await runTurn(store, there, 'PAY-123', 'two', { idempotencyKey: 'two' });
    await runTurn(store, here, 'PAY-123', 'three', { idempotencyKey: 'three' });

    expect(outcome).to.equal('ran');
    expect(saidTo(machines.here.model)).to.eql(['Write the migration', 'two', 'three']);
    expect(await namesUnder('threads/bundles/')).to.have.length(1);
  });
});
