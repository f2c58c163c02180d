import { expect } from 'chai';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../chromium.js';
import { noProcessLeft } from '../root-hooks.js';
import { BullmqUnderChaos } from './chaos/bullmq-under-chaos.js';
import { ChaosModel, inputOf, keyOf } from './chaos/chaos-model.js';
import { Machine } from './chaos/machine.js';
import { WorkerProcess } from './chaos/worker-process.js';
import { UnreliableLine } from '../remote/unreliable-line.js';

const threads = ['invoices', 'migration', 'docs', 'release'];

describe('FleetPage of a fleet on BullMQ, in Chromium', function () {
  this.timeout(90_000);
  let directory: string;
  let engine: BullmqUnderChaos;
  let model: ChaosModel;
  let machines: Machine[];
  let line: UnreliableLine;
  let server: WorkerProcess;
  let browser: Browser;
  let page: Page;

  before(async () => {
    directory = await mkdtemp(join(homedir(), '.fleet-page-'));
    const work = join(directory, 'work');
    await mkdir(work);
    engine = await BullmqUnderChaos.start();
    model = await ChaosModel.start(() => 'sleep 1', { wordMs: 500 });
    const environment = {
      FLEET_PROVIDER: model.baseUrl,
      FLEET_STORE: join(directory, 'store'),
      FLEET_CONCURRENCY: '2',
      FLEET_LEASE_MS: '2000',
      FLEET_DIRECTORY: work,
    };
    machines = await Promise.all(
      [1, 2, 3].map(async (number) =>
        Machine.start({ number, engine, directory, sharedHome: null, environment, keyOf }),
      ),
    );
    line = await UnreliableLine.to(engine.port);
    server = new WorkerProcess('page', resolve('.build/examples/fleet-bullmq/page.js'), {
      ...engine.environment(line),
      PORT: '0',
    });
    browser = await launchChromium();
    page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
    await page.goto(await server.printed(/http:\S+/));
  });

  after(async () => {
    await browser.close();
    await Promise.all([...machines.map(async (machine) => machine.close()), server.end()]);
    await line.close();
    await model[Symbol.asyncDispose]();
    await engine[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, maxRetries: 5 });
    await noProcessLeft();
  });

  async function shot(name: string): Promise<void> {
    const { FLEET_SCREENSHOTS: folder } = process.env;
    if (folder === undefined) return;
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`), fullPage: true });
    }
  }

  it('shows the queue, the workers, and the answers as they are written', async () => {
    for (const number of [1, 2])
      for (const thread of threads)
        await engine.add({ thread, input: inputOf({ thread, number }) });

    await page.locator('.worker').nth(2).waitFor();
    await page.locator('.turn span', { hasText: 'Done' }).first().waitFor();
    await shot('running');

    expect(await page.locator('#counts').innerText()).to.contain('active');
    expect(await page.locator('#threads tr').count()).to.equal(threads.length);
  });

  it('shows a killed worker as silent, and its turns at another worker', async () => {
    const [busy] = await page.locator('.worker:has(.turn)').all();
    const name = (await busy?.getAttribute('data-worker')) ?? '';
    const thread = ((await busy?.locator('.turn b').first().innerText()) ?? '').split('/')[0] ?? '';
    await machines.find(({ worker }) => worker.name === name)?.worker.kill('everything');

    await page.locator(`.worker.silent[data-worker="${name}"]`).waitFor();
    await shot('killed');
    const row = page.locator(`tr[data-thread="${thread}"]`);
    await row
      .filter({ hasText: `${thread}/2` })
      .filter({ has: page.locator('td.ended') })
      .filter({ hasNotText: name })
      .waitFor({ timeout: 60_000 });

    expect(await row.locator('code').innerText()).to.match(/^[0-9a-f]{10}$/);
  });

  it('shows the current state if it is opened later', async () => {
    await page.reload();

    await page
      .locator('#threads tr')
      .nth(threads.length - 1)
      .waitFor();
    await page.locator('.worker').nth(2).waitFor();
    await page
      .locator('#threads td.ended')
      .nth(threads.length - 1)
      .waitFor({ timeout: 60_000 });
    await shot('done');
  });
});
