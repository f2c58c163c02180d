import { expect } from 'chai';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { startExpress } from '../../examples/web-service/express-server.js';
import { FileThreadBook } from '../../examples/web-service/file-thread-book.js';
import type { RunningServer } from '../../examples/web-service/running-server.js';
import { ThreadService } from '../../examples/web-service/thread-service.js';
import { QueuedApprovals } from '../../lib/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { UnreliableLine } from '../remote/unreliable-line.js';
import { launchChromium } from '../chromium.js';
import { noProcessLeft } from '../root-hooks.js';
import { read } from './snippets.js';

const [, snippet = ''] = /```js\n([^]*?)```/.exec(read('docs/guides/web-service.md')) ?? [];

describe('The EventSource of the guide "In a web service", in Chromium', function () {
  this.timeout(60_000);
  let offline: OfflineCodex;
  let server: RunningServer;
  let line: UnreliableLine;
  let browser: Browser;
  let page: Page;
  let errors: Error[];

  before(async () => {
    offline = await OfflineCodex.start();
    const service = new ThreadService({
      codex: offline.client(),
      approvals: new QueuedApprovals(),
      book: new FileThreadBook(join(offline.home.path, 'book.json')),
      threadOptions: { workingDirectory: offline.home.path },
    });
    server = await startExpress(service);
    line = await UnreliableLine.to(Number(new URL(server.url).port));
    browser = await launchChromium();
  });

  beforeEach(async () => {
    page = await browser.newPage();
    errors = [];
    page.on('pageerror', (error) => errors.push(error));
    const address = `http://127.0.0.1:${line.port}/`;
    const body = '<!doctype html><output id="answer"></output>';
    await page.route(address, async (route) => route.fulfill({ contentType: 'text/html', body }));
    await page.goto(address);
  });

  afterEach(async () => {
    await page.close();
    expect(errors).to.deep.equal([]);
  });

  after(async () => {
    await browser.close();
    await line.close();
    await server.close();
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  async function send(input: string): Promise<void> {
    const request = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ input }),
    };
    const path = '/conversations/ticket-7/turns';
    const status = `fetch('${path}', ${JSON.stringify(request)}).then(({ status }) => status)`;
    expect(await page.evaluate(status)).to.equal(200);
  }

  /** Runs the snippet. Returns the number of connections once it is connected. */
  async function listen(): Promise<number> {
    await page.addScriptTag({ content: snippet });
    await page.waitForFunction('events.readyState === EventSource.OPEN');
    return line.connections;
  }

  async function shows(text: string): Promise<void> {
    await page.locator('#answer').getByText(text, { exact: true }).waitFor();
  }

  async function isClosed(): Promise<void> {
    await page.waitForFunction('events.readyState === EventSource.CLOSED');
  }

  it('is closed by a 204 if no turn was started', async () => {
    await page.addScriptTag({ content: snippet });

    await isClosed();
  });

  it('shows the answer as it is written, and does not reconnect after the turn', async () => {
    const gate = new Gate();
    offline.model.reply(ScriptedReply.deltas('A test').gate(gate).deltas(' fails.'));
    await send('Why is the build red?');

    const connections = await listen();

    await shows('A test');
    gate.open();
    await shows('A test fails.');
    await isClosed();
    expect(line.connections).to.equal(connections);
  });

  it('continues after a broken connection with the events that it missed', async () => {
    const gate = new Gate();
    offline.model.reply(ScriptedReply.deltas('Once').gate(gate).deltas(' more.'));
    await send('Once more');
    const connections = await listen();
    await shows('Once');

    line.cut();
    gate.open();

    await shows('Once more.');
    await isClosed();
    expect(line.connections).to.equal(connections + 1);
  });

  it('does not reconnect after a turn that fails', async () => {
    const gate = new Gate();
    offline.model.reply(ScriptedReply.gate(gate).status(400));
    await send('Fail');
    const connections = await listen();

    gate.open();

    await isClosed();
    expect(line.connections).to.equal(connections);
  });
});
