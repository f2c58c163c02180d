import { expect } from 'chai';
import { OutcomeUnknownError, WebSocketTransport } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { noProcessLeft } from '../root-hooks.js';
import { scaled } from '../scale.js';
import { ListeningCodex } from './listening-codex.js';

const turns = scaled(50, 8);
const dropsPerTurn = 4;

describe('A network that drops connections at random', function () {
  this.timeout(scaled(300_000, 60_000));
  let server: ListeningCodex;

  before(async () => {
    server = await ListeningCodex.start();
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  it(`ends each of ${turns} turns once, with the right text, and sends nothing twice`, async () => {
    const { model, home, token } = server;
    const line = await server.line();
    line.split();
    model.otherwise(({ userTexts }) => {
      const words = (userTexts.at(-1) ?? '').split(' ');
      return words.reduce(
        (reply, word) => reply.deltas(`${word} `).delay(10),
        ScriptedReply.deltas('Heard: '),
      );
    });
    const codex = server.client({ transport: new WebSocketTransport({ url: line.url, token }) });
    const thread = codex.startThread({ workingDirectory: home.path, sandboxMode: 'read-only' });
    let drops = 0;
    let unknown = 0;
    const random = generator(20_261_126);
    for (let index = 0; index < turns; index += 1) {
      const input = `turn ${index} of ${turns} says a few words that come in many pieces`;
      const ends: string[] = [];
      let left = dropsPerTurn;
      const stop = dropping();
      try {
        const turn = thread.runStreamed(input);
        for await (const event of turn) {
          if (/^turn\.(?:completed|failed|interrupted)$/.test(event.type)) ends.push(event.type);
          if (left > 0 && random() < 0.4) {
            left -= 1;
            drops += 1;
            line.cut();
          }
        }
        const { finalResponse } = await turn.result();
        expect(finalResponse?.trim()).to.equal(`Heard: ${input}`);
        expect(ends).to.deep.equal(['turn.completed']);
      } catch (error) {
        if (!OutcomeUnknownError.is(error)) throw error;
        unknown += 1;
        const found = await error.reconcile();
        expect(found).to.include({ status: 'found', turnStatus: 'completed' });
      } finally {
        stop();
      }
    }
    expect(model.requests.map(({ userTexts }) => userTexts.at(-1))).to.have.length(turns);
    expect(new Set(model.requests.map(({ userTexts }) => userTexts.at(-1))).size).to.equal(turns);
    expect(drops).to.be.at.least(turns * 3);
    expect(unknown).to.be.lessThan(turns);

    /** Cuts the connections once at a random time, possibly before the first event of the turn. */
    function dropping(): () => void {
      const timer = setTimeout(
        () => {
          drops += 1;
          line.cut();
        },
        Math.floor(random() * 60),
      );
      return () => {
        clearTimeout(timer);
      };
    }
  });
});

/** Numbers from 0 to 1, the same in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}
