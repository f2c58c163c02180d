import { expect } from 'chai';
import sinon, { type SinonFakeTimers } from 'sinon';
import type { ToolContext } from '../../lib/tools/tool-context.js';
import { ToolImage } from '../../lib/tools/tool-image.js';
import type { ToolReport } from '../../lib/tools/tool-report.js';
import { Tool } from '../../lib/tools/tool.js';
import { Toolbox } from '../../lib/tools/toolbox.js';
import { fakeTime } from '../fake-time.js';
import { PaymentQuery, PaymentsTools } from './payments-tools.js';

const turn = (signal: AbortSignal = new AbortController().signal): ToolContext => ({
  signal,
  threadId: 'T',
  turnId: 'U',
  labels: { team: 'payments' },
});
const text = (given: string) => [{ type: 'inputText', text: given }];

/** Calls a tool with this method, and returns the result for the model and the reports. */
async function calling(
  method: (input: object, context: ToolContext) => unknown,
  context: ToolContext = turn(),
  timeoutMs = Infinity,
): Promise<{ success: boolean; contentItems: unknown[]; reports: readonly ToolReport[] }> {
  class Trial {
    @Tool({ description: 'Does it.', timeoutMs })
    async trial(input: object, given: ToolContext): Promise<object> {
      const result: unknown = await method(input, given);
      return result as object;
    }
  }
  const reports: ToolReport[] = [];
  const toolbox = Toolbox.of([new Trial()]);
  const call = { tool: 'trial', namespace: null, arguments: {} };
  const response = await toolbox.call(call, context, (report) => reports.push(report));
  return { ...response, reports };
}

describe('A call of a tool', () => {
  it('reaches the method of its object with a validated instance and the context', async () => {
    const payments = new PaymentsTools('open');
    const toolbox = Toolbox.of([payments]);
    const context = turn();

    const response = await toolbox.call(
      { tool: 'findPayment', namespace: null, arguments: { id: 'p1', limit: 2 } },
      context,
    );

    const [[query, given]] = payments.calls as [[PaymentQuery, ToolContext]];
    expect(response).to.deep.equal({ contentItems: text('payment:p1 is open'), success: true });
    expect(query).to.be.instanceOf(PaymentQuery).and.deep.include({ id: 'p1', limit: 2 });
    expect(given).to.deep.include({ threadId: 'T', turnId: 'U', labels: { team: 'payments' } });
    expect(given).to.satisfy(Object.isFrozen);
  });

  it('does not reach the method with invalid arguments, and lists all problems', async () => {
    const payments = new PaymentsTools('open');
    const reports: ToolReport[] = [];
    const toolbox = Toolbox.of([payments]);

    const response = await toolbox.call(
      { tool: 'findPayment', namespace: null, arguments: { id: 7, limit: 0 } },
      turn(),
      (report) => reports.push(report),
    );

    const item = response.contentItems[0] as { readonly text: string };
    expect(response.success).to.equal(false);
    expect(item.text).to.contain('so it was not called').and.contain('id: must be a string, got 7');
    expect(item.text).to.contain('limit: must not be less than 1');
    expect(payments.calls).to.deep.equal([]);
    expect(reports[0]).to.include({ tool: 'findPayment', outcome: 'invalid-arguments' });
  });

  it('does not reach the method with arguments that are not an object', async () => {
    const toolbox = Toolbox.of([new PaymentsTools('open')]);

    const response = await toolbox.call(
      { tool: 'findPayment', namespace: null, arguments: [1, 2] },
      turn(),
    );

    expect(response.success).to.equal(false);
    expect(response.contentItems[0]).to.have.property('text').that.contains('must be an object');
  });

  it('fails if the tool does not exist, or only as an inherited property', async () => {
    const toolbox = Toolbox.of([new PaymentsTools('open')]);
    const call = { tool: 'hello', arguments: {} };

    const gone = await toolbox.call({ ...call, tool: 'toString', namespace: null }, turn());
    const elsewhere = await toolbox.call({ ...call, namespace: 'crm' }, turn());

    expect(gone).to.deep.equal({
      contentItems: text('The tool toString is no longer available. Continue without it.'),
      success: false,
    });
    expect(elsewhere).to.have.property('success', false);
    expect(elsewhere.contentItems[0]).to.have.property('text').that.contains('crm.hello');
  });

  it('reaches the method of a subclass', async () => {
    class Louder extends PaymentsTools {
      override hello(): string {
        return 'HELLO';
      }
    }
    const toolbox = Toolbox.of([new Louder('open')]);

    const response = await toolbox.call({ tool: 'hello', namespace: null, arguments: {} }, turn());

    expect(response.contentItems).to.deep.equal(text('HELLO'));
  });

  describe('shows the model', () => {
    const image = ToolImage.fromBytes(new Uint8Array([1]), 'image/png');

    it('a string unchanged', async () => {
      expect((await calling(() => 'a "b"')).contentItems).to.deep.equal(text('a "b"'));
    });

    it('any other value as JSON', async () => {
      expect((await calling(() => ({ a: [1, null] }))).contentItems).to.deep.equal(
        text('{"a":[1,null]}'),
      );
      expect((await calling(() => ['a', 'b'])).contentItems).to.deep.equal(text('["a","b"]'));
      expect((await calling(() => null)).contentItems).to.deep.equal(text('null'));
      expect((await calling(() => 0)).contentItems).to.deep.equal(text('0'));
    });

    it('that it is done if the result is empty', async () => {
      expect((await calling(() => undefined)).contentItems).to.deep.equal(text('Done.'));
    });

    it('an image as an image', async () => {
      expect((await calling(() => image)).contentItems).to.deep.equal([
        { type: 'inputImage', imageUrl: 'data:image/png;base64,AQ==' },
      ]);
    });

    it('a list with an image part by part', async () => {
      expect((await calling(() => ['See:', image, { a: 1 }])).contentItems).to.deep.equal([
        ...text('See:'),
        { type: 'inputImage', imageUrl: 'data:image/png;base64,AQ==' },
        ...text('{"a":1}'),
      ]);
    });

    it('that a result that JSON cannot represent cannot be sent', async () => {
      const circle: { self?: unknown } = {};
      circle.self = circle;

      const circular = await calling(() => circle);
      const map = await calling(() => new Map([['a', 1]]));
      const big = await calling(() => 1n);
      const silent = await calling(() => () => 1);

      expect([circular, map, big, silent].map(({ success }) => success)).to.deep.equal(
        Array<boolean>(4).fill(false),
      );
      expect(map.contentItems).to.deep.equal(
        text('trial returned a result that cannot be sent: a Map cannot be converted to JSON.'),
      );
      expect(silent.contentItems[0]).to.have.property('text').that.contains('a function cannot');
      expect(circular.reports[0]?.outcome).to.equal('invalid-result');
    });

    it('the message of a thrown error, without credentials', async () => {
      const error = new Error('no access with sk-1234567890abcdef');

      const { success, contentItems, reports } = await calling(() => {
        throw error;
      });

      expect(success).to.equal(false);
      expect(contentItems).to.deep.equal(text('trial failed: no access with [redacted]'));
      expect(reports[0]).to.include({ outcome: 'threw', error });
    });

    it('a default message if the thrown value has none', async () => {
      const silent = await calling(() => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- as any JavaScript may do
        throw undefined;
      });
      const nameless = await calling(() => {
        throw new RangeError();
      });

      expect(silent.contentItems).to.deep.equal(text('trial failed: no reason given'));
      expect(nameless.contentItems).to.deep.equal(text('trial failed: RangeError'));
    });
  });

  it('fails immediately when its turn ends, and aborts the method', async () => {
    const end = new AbortController();
    const seen = sinon.spy();

    const ending = calling(async (_input, { signal }) => {
      signal.addEventListener('abort', seen);
      end.abort(new Error('The turn is over.'));
      return new Promise(() => undefined);
    }, turn(end.signal));
    const { success, contentItems, reports } = await ending;

    expect(success).to.equal(false);
    expect(contentItems).to.deep.equal(text('trial was stopped because its turn ended.'));
    expect(reports[0]?.outcome).to.equal('stopped');
    expect(seen.callCount).to.equal(1);
  });

  it('does not reach the method if its turn has ended', async () => {
    const method = sinon.spy();

    const { reports } = await calling(method, turn(AbortSignal.abort()));

    expect(method.called).to.equal(false);
    expect(reports[0]?.outcome).to.equal('stopped');
  });

  it('is answered even if the listener of reports throws', async () => {
    const toolbox = Toolbox.of([new PaymentsTools('open')]);

    const response = await toolbox.call(
      { tool: 'hello', namespace: null, arguments: {} },
      turn(),
      () => {
        throw new Error('broken');
      },
    );

    expect(response.success).to.equal(true);
  });

  it('is reported with its thread, its turn and its duration, without content', async () => {
    const { reports } = await calling(() => 'secret result');

    expect(reports).to.have.length(1);
    expect(reports[0]).to.include({
      tool: 'trial',
      threadId: 'T',
      turnId: 'U',
      outcome: 'completed',
      error: undefined,
    });
    expect(reports[0]?.durationMs).to.be.at.least(0);
    expect(JSON.stringify(reports)).to.not.contain('secret');
  });

  describe('with a time limit', () => {
    let clock: SinonFakeTimers;
    beforeEach(() => {
      clock = fakeTime('setTimeout', 'clearTimeout');
    });
    afterEach(() => {
      clock.restore();
    });

    it('fails after the timeout, and aborts the method', async () => {
      const seen = sinon.spy();
      const ending = calling(
        async (_input, { signal }) => {
          signal.addEventListener('abort', seen);
          return new Promise(() => undefined);
        },
        turn(),
        1000,
      );

      await clock.tickAsync(999);
      expect(seen.called).to.equal(false);
      await clock.tickAsync(1);

      const { success, contentItems, reports } = await ending;
      expect(success).to.equal(false);
      expect(contentItems).to.deep.equal(
        text('trial did not finish within 1000 ms. It may have had effects.'),
      );
      expect(reports[0]?.outcome).to.equal('timed-out');
      expect(seen.callCount).to.equal(1);
    });

    it('leaves no timer behind', async () => {
      await calling(() => 'in time', turn(), 1000);

      expect(clock.countTimers()).to.equal(0);
    });
  });
});
