import { expect } from 'chai';
import {
  CodexRsResumeValidator,
  ContinuationToken,
  ResumeValidator,
  ThreadMetadata,
  type Codex,
  type ResumeClaim,
  type ResumeVerdict,
} from '../../lib/index.js';
import { FaultyTransport, ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { failure } from '../outcomes.js';
import { recorded } from '../python/fixture-folder.js';
import { noProcessLeft } from '../root-hooks.js';

const { main } = recorded('one-turn', 'metadata.json') as { main: { readonly id: string } };
const threadId = main.id;

/** A history with this number of turns, paged as by codex-rs; the oldest is turn 1. */
class History {
  readonly #length: number;
  readonly #interrupted: number;
  #pages = 0;

  /** @param interrupted - the number of interrupted turns at the end */
  constructor(length: number, interrupted = 0) {
    this.#length = length;
    this.#interrupted = interrupted;
  }

  /** The number of requested pages. */
  get pages(): number {
    return this.#pages;
  }

  async verdictOn(turn: number): Promise<ResumeVerdict> {
    const request = (async (method: string, params: { cursor?: string; limit?: number }) => {
      if (method === 'thread/read') return Promise.resolve({ thread: main });
      this.#pages += 1;
      const from = Number(params.cursor ?? 0);
      const to = Math.min(from + params.limit!, this.#length);
      const data = Array.from({ length: to - from }, (_, index) => ({
        id: `turn ${this.#length - from - index}`,
        status: from + index < this.#interrupted ? 'interrupted' : 'completed',
        completedAt: 1_700_000_000,
      }));
      return Promise.resolve({ data, nextCursor: to < this.#length ? String(to) : null });
    }) as unknown as ResumeClaim['request'];
    const continuation = ContinuationToken.issue({ threadId, turnId: `turn ${turn}` });
    return new CodexRsResumeValidator().validate({ threadId, continuation, request });
  }
}

describe('The turn of a token', () => {
  it('is found on the first page when it is among the newest hundred', async () => {
    const history = new History(250);

    expect(await history.verdictOn(151)).to.include({ reason: 'stale', advancedBy: 99 });
    expect(history.pages).to.equal(1);
  });

  it('is searched on as few pages as possible', async () => {
    const history = new History(1000);

    expect(await history.verdictOn(750)).to.include({ reason: 'stale', advancedBy: 250 });
    expect(history.pages).to.equal(3);
  });

  it('is missing if it is on no page', async () => {
    const verdict = await new History(250).verdictOn(251);

    expect(verdict).to.include({ accepted: false, reason: 'diverged' });
    expect(verdict).to.have.property('message').that.contains('not among the 250 turns');
  });

  it('is searched up to a limit', async () => {
    const history = new History(20_000);

    expect(await history.verdictOn(1)).to.include({ accepted: false, reason: 'diverged' });
    expect(history.pages).to.equal(100);
  });

  it('may be followed by one interrupted turn, or be interrupted itself', async () => {
    const accepted = { accepted: true, warnings: ['interrupted-tail'] };

    expect(await new History(3, 1).verdictOn(2)).to.deep.include(accepted);
    expect(await new History(3, 1).verdictOn(3)).to.deep.include(accepted);
  });

  it('must not be followed by two interrupted turns, nor by a complete one', async () => {
    expect(await new History(3, 2).verdictOn(1)).to.include({ reason: 'stale', advancedBy: 2 });
    expect(await new History(3, 0).verdictOn(2)).to.include({ reason: 'stale', advancedBy: 1 });
  });

  describe('if others have added more turns than fit on a page', function () {
    this.timeout(20_000);
    const [turnsSince, limit] = [5, 2];
    let offline: OfflineCodex;
    let transport: FaultyTransport;
    let fresh: Codex;
    let left: { readonly threadId: string; readonly continuation: ContinuationToken };
    let snapshot: unknown;

    before(async () => {
      offline = await OfflineCodex.start();
      offline.model.otherwise(ScriptedReply.message('Here.'));
      const codex = offline.client();
      const thread = codex.startThread();
      left = await thread.run('Leave it here');
      snapshot = JSON.parse(JSON.stringify(thread));
      for (let turn = 0; turn < turnsSince; turn += 1) await thread.run('Go on');
      await codex.close();
      transport = new FaultyTransport(offline.transport());
      transport.on('thread/turns/list').edit((params) => ({ ...params, limit }));
      fresh = offline.client({ transport });
    });

    after(async () => {
      await offline[Symbol.asyncDispose]();
      await noProcessLeft();
    });

    it('reports their number, by token and by snapshot', async () => {
      const { continuation } = left;

      const errors = [
        await failure(fresh.resumeThread(left.threadId, { continuation })),
        await failure(fresh.restoreThread(snapshot)),
      ];

      for (const error of errors)
        expect(error).to.have.property('verdict').that.include({
          reason: 'stale',
          advancedBy: turnsSince,
        });
      expect(transport.requests('thread/turns/list')).to.have.length(6);
    });

    it('reports it under the writer lock too, regardless of the validator', async () => {
      const trusting = new (class extends ResumeValidator {
        protected override async judge(): Promise<ResumeVerdict> {
          const metadata = ThreadMetadata.fromJSON({ ...main, id: left.threadId });
          return Promise.resolve({ accepted: true, metadata, warnings: [] });
        }
      })();
      const { continuation } = left;
      const thread = await fresh.resumeThread(left.threadId, {
        continuation,
        resumeValidator: trusting,
      });

      const error = await failure(thread.run('Mine'));

      expect(error).to.have.property('verdict').that.include({
        reason: 'stale',
        advancedBy: turnsSince,
      });
    });
  });
});
