import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { ChatServer } from '../../examples/ai-chat/chat-server.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { escalated } from '../asking-thread.js';
import { OfflineCodex } from '../offline-codex.js';
import { launchChromium } from '../chromium.js';
import { noProcessLeft } from '../root-hooks.js';

describe('The chat of examples/ai-chat, in Chromium', function () {
  this.timeout(60_000);
  let offline: OfflineCodex;
  let server: ChatServer;
  let browser: Browser;
  let page: Page;
  let errors: Error[];

  before(async () => {
    offline = await OfflineCodex.start();
    server = new ChatServer(offline.client(), {
      sandboxMode: 'read-only',
      approvalPolicy: 'on-request',
      workingDirectory: offline.home.path,
    });
    const address = await server.listen();
    browser = await launchChromium();
    page = await browser.newPage();
    errors = [];
    page.on('pageerror', (error) => errors.push(error));
    await page.goto(address);
  });

  after(async () => {
    await browser.close();
    await server[Symbol.asyncDispose]();
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  afterEach(() => {
    expect(errors).to.deep.equal([]);
  });

  async function send(text: string): Promise<void> {
    await page.getByLabel('Message').fill(text);
    await page.getByRole('button', { name: 'Send' }).click();
  }

  const answers = () => page.locator('article.assistant');
  const isReady = async () => page.locator('main[data-status=ready]').waitFor();

  it('shows an answer as it is written', async () => {
    const gate = new Gate();
    offline.model.reply(ScriptedReply.deltas('A test').gate(gate).deltas(' fails.'));

    await send('Why is the build red?');
    await answers().last().getByText('A test', { exact: true }).waitFor();
    gate.open();
    await answers().last().getByText('A test fails.', { exact: true }).waitFor();
    await isReady();
  });

  it('interrupts the turn when it is stopped, and the next one runs', async () => {
    offline.model.reply(ScriptedReply.deltas('half').gate(new Gate()));
    await send('Rewrite everything');
    await answers().last().getByText('half').waitFor();

    await page.getByRole('button', { name: 'Stop' }).click();
    await isReady();

    const request = offline.model.requests.at(-1);
    expect(await request?.outcome).to.equal('aborted');
    offline.model.reply(ScriptedReply.message('Here I am.'));
    await send('And now?');
    await answers().last().getByText('Here I am.').waitFor();
    await isReady();
  });

  it('runs a command that is allowed', async () => {
    offline.model.reply(
      ScriptedReply.shellCommand('echo deployed', escalated),
      ScriptedReply.message('It is deployed.'),
    );
    await send('Deploy it');
    await page.getByText('To deploy.').waitFor();

    await page.getByRole('button', { name: 'Allow' }).click();

    await answers().last().locator('.tool[data-state=output-available] pre').waitFor();
    await answers().last().getByText('It is deployed.').waitFor();
    await isReady();
  });

  it('does not run a command that is denied', async () => {
    offline.model.reply(
      ScriptedReply.shellCommand('echo deployed again', escalated),
      ScriptedReply.message('I may not.'),
    );
    await send('Deploy it again');

    await page.getByRole('button', { name: 'Deny' }).click();

    await answers().last().locator('.tool[data-state=output-denied]').waitFor();
    await answers().last().getByText('I may not.').waitFor();
    await isReady();
  });

  it('continues an answer if the page is reloaded during it', async () => {
    const gate = new Gate();
    offline.model.reply(
      ScriptedReply.shellCommand('echo once more', escalated),
      ScriptedReply.deltas('Once').gate(gate).deltas(' more.'),
    );
    await send('Once more');
    await page.getByRole('button', { name: 'Allow' }).waitFor();
    const questions = await page.locator('article.user').count();

    await page.reload();
    await page.getByRole('button', { name: 'Allow' }).click();
    await answers().last().getByText('Once', { exact: true }).waitFor();
    await page.reload();
    await answers().last().getByText('Once', { exact: true }).waitFor();
    gate.open();

    await answers().last().getByText('Once more.', { exact: true }).waitFor();
    await isReady();
    expect(await page.locator('article.user').count()).to.equal(questions);
    expect(await answers().getByText('Once more.', { exact: true }).count()).to.equal(1);
    expect(await page.locator('article.user').last().innerText()).to.equal('Once more');
  });

  it('shows the whole conversation after a reload', async () => {
    const before = await page.locator('article').count();

    await page.reload();

    await answers().last().getByText('Once more.').waitFor();
    expect(await page.locator('article').count()).to.equal(before);
  });
});
