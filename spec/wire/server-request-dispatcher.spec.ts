import { expect } from 'chai';
import { ServerRequestDispatcher } from '../../lib/wire/server-request-dispatcher.js';
import type { ServerRequest } from '../../lib/protocol/index.js';

function approval(id: number | string): ServerRequest {
  return { id, method: 'item/fileChange/requestApproval', params: {} } as ServerRequest;
}

const declined = { result: { decision: 'decline' } };

describe('ServerRequestDispatcher', () => {
  let written: [number | string, unknown][];
  let desk: ServerRequestDispatcher;

  async function settled(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }

  beforeEach(() => {
    written = [];
    desk = new ServerRequestDispatcher((id, reply) => written.push([id, reply]));
  });

  it('declines without a handler', async () => {
    desk.receive(approval(1));
    await settled();

    expect(written).to.deep.equal([[1, declined]]);
  });

  it('sends the result of the handler', async () => {
    desk.answerWith(async () => Promise.resolve({ decision: 'accept' }));

    desk.receive(approval(1));
    await settled();

    expect(written).to.deep.equal([[1, { result: { decision: 'accept' } }]]);
  });

  it('declines if the handler rejects, throws, or returns a value that is not JSON', async () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    const handlers = [
      async () => Promise.reject(new Error('no')),
      () => {
        throw new Error('no');
      },
      async () => Promise.resolve(undefined),
      async () => Promise.resolve(() => 1),
      async () => Promise.resolve(1n),
      async () => Promise.resolve(circle),
    ];

    for (const [id, handler] of handlers.entries()) {
      desk.answerWith(handler);
      desk.receive(approval(id));
      await settled();
    }

    expect(written).to.deep.equal(handlers.map((_, id) => [id, declined]));
  });

  it('calls the handler after the reader has continued', async () => {
    const order: string[] = [];
    desk.answerWith(async () => {
      order.push('handler');
      return Promise.resolve({});
    });

    desk.receive(approval(1));
    order.push('reader');
    await settled();

    expect(order).to.deep.equal(['reader', 'handler']);
  });

  it('treats a repeated request as the same one while it is pending, and distinguishes ids by type', async () => {
    const asked: unknown[] = [];
    desk.answerWith(async ({ id }) => {
      asked.push(id);
      return Promise.resolve({});
    });

    desk.receive(approval(1));
    desk.receive(approval(1));
    desk.receive(approval('1'));
    await settled();

    expect(asked).to.deep.equal([1, '1']);
    expect(written.map(([id]) => id)).to.deep.equal([1, '1']);
  });

  it('treats a request whose copy crosses the answer as the same one, but not another one with that id', async () => {
    const asked: string[] = [];
    desk.answerWith(async ({ method }) => {
      asked.push(method);
      return Promise.resolve({});
    });

    desk.receive(approval(1));
    await settled();
    desk.receive(approval(1));
    desk.receive({ ...approval(1), method: 'item/tool/call' } as ServerRequest);
    await settled();

    expect(asked).to.deep.equal(['item/fileChange/requestApproval', 'item/tool/call']);
    expect(written).to.have.length(2);
  });

  it('aborts the handler when codex-rs no longer waits, and still replies once', async () => {
    const reasons: unknown[] = [];
    desk.answerWith(
      async (_, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            reasons.push(signal.reason);
            resolve({ decision: 'accept' });
          });
        }),
    );

    desk.receive(approval(1));
    await settled();
    desk.resolved(1);
    desk.resolved(1);
    desk.resolved(99);
    await settled();

    expect(reasons).to.have.length(1);
    expect(written).to.have.length(1);
  });

  it('does not call a handler for a request that was resolved before', async () => {
    const asked: unknown[] = [];
    desk.answerWith(async ({ id }) => {
      asked.push(id);
      return Promise.resolve({});
    });

    desk.receive(approval(1));
    desk.resolved(1);
    await settled();

    expect(asked).to.deep.equal([]);
    expect(written).to.deep.equal([[1, declined]]);
  });

  it('aborts all waiting handlers when the connection closes, and sends nothing afterwards', async () => {
    const gone = new Error('gone');
    const reasons: unknown[] = [];
    desk.answerWith(
      async (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reasons.push(signal.reason);
            reject(gone);
          });
        }),
    );
    desk.receive(approval(1));
    desk.receive(approval(2));
    await settled();

    desk.close(gone);
    desk.receive(approval(3));
    await settled();

    expect(reasons).to.deep.equal([gone, gone]);
    expect(written).to.deep.equal([]);
  });
});
