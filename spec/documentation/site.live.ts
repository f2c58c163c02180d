import axe from 'axe-core';
import { expect } from 'chai';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inflateSync } from 'node:zlib';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchChromium } from '../chromium.js';

const site = resolve('docs/api');

/** The pages that stand for their kinds. */
const pages = [
  'index',
  'documents/Concepts',
  'documents/NestJS',
  'classes/codex-threads.ThreadBuilder',
];

/** All rules of WCAG 2, levels A and AA, but for one: TypeDoc nests the links of a group in its summary. */
const rules = {
  runOnly: ['wcag2a', 'wcag2aa'],
  rules: { 'nested-interactive': { enabled: false } },
  resultTypes: ['violations'],
};

interface Entry {
  readonly text: string;
  readonly children?: readonly Entry[];
}

/** The decompressed content of a script of the site. */
function held(script: string): unknown {
  const [, text = ''] = /"(.*)"/.exec(readFileSync(join(site, 'assets', script), 'utf8')) ?? [];
  return JSON.parse(inflateSync(Buffer.from(text, 'base64')).toString());
}

function idsIn(file: string): ReadonlySet<string> {
  const html = readFileSync(join(site, file), 'utf8');
  return new Set([...html.matchAll(/ id="([^"]*)"/g)].map(([, id = '']) => id));
}

describe('The site of the documentation, in Chromium', function () {
  this.timeout(60_000);
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  before(async () => {
    if (!existsSync(join(site, 'index.html'))) throw new Error('Run npm run docs first.');
    browser = await launchChromium();
  });

  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    page = await context.newPage();
  });

  afterEach(async () => context.close());

  after(async () => browser.close());

  async function open(name: string): Promise<void> {
    await page.goto(pathToFileURL(join(site, `${name}.html`)).href);
    await page.locator('#tsd-nav-container li').first().waitFor({ state: 'attached' });
  }

  /** The titles that the search gives for a text, the best first. */
  async function found(text: string): Promise<readonly string[]> {
    await open('index');
    await page.keyboard.press('/');
    await page.locator('#tsd-search-input').fill(text);
    await page.locator('#tsd-search-results li').first().waitFor();
    const rows = await page.locator('#tsd-search-results li').allInnerTexts();
    return rows.map((row) => row.trim());
  }

  for (const [word, page] of [
    ['stale', 'Resume safely'],
    ['ThreadItem', 'codex-threads.ThreadItem'],
    ['turn-failed', 'Errors by code: turn-failed'],
    ['express', 'In a web service'],
    ['proxy', 'Proxies and gateways'],
    ['docker', 'Docker'],
    ['abort', 'Stop, time limits and budgets'],
  ] as const)
    it(`finds "${page}" for "${word}" among the first three results`, async () => {
      const first = (await found(word)).slice(0, 3);

      expect(first.map((title) => title.slice(0, page.length))).to.include(page);
    });

  it('begins with the page that has the text as its title, and with the section of a code', async () => {
    expect((await found('docker'))[0]).to.equal('Docker');
    expect((await found('turn-cut-off'))[0]).to.equal('Errors by code: turn-cut-off');
  });

  it('leads from a result to its section by keyboard', async () => {
    await found('turn-cut-off');

    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(/Errors_by_code\.html/);

    expect(new URL(page.url()).hash).to.equal('#turn-cut-off');
  });

  it('has the section that every result of the search leads to', () => {
    const { rows } = held('search.js') as { readonly rows: readonly { readonly url: string }[] };
    // TypeDoc has an entry for a type literal, without a section.
    const anchors = rows
      .map(({ url }) => url.split('#'))
      .filter(([, hash]) => hash !== undefined && hash !== '__type');
    const ids = new Map(anchors.map(([file = '']) => [file, idsIn(file)]));
    const dead = anchors.filter(([file = '', hash = '']) => ids.get(file)?.has(hash) !== true);

    expect(anchors).to.have.length.above(500);
    expect(dead.map((parts) => parts.join('#'))).to.deep.equal([]);
  });

  it('begins its sidebar with the classes that are called, and ends it with auxiliary types', () => {
    const groups = held('navigation.js') as readonly Entry[];
    const [first] = groups;
    const module = groups.at(-1)?.children?.find(({ text }) => text === 'codex-threads');

    expect(groups.map(({ text }) => text)).to.deep.equal([
      'Main classes',
      'Get started',
      'Guides',
      'In production',
      'Integrations',
      'Reference',
      'API reference',
    ]);
    expect(first?.children?.slice(0, 4).map(({ text }) => text)).to.deep.equal([
      'Codex',
      'ThreadBuilder',
      'Thread',
      'Turn',
    ]);
    expect(module?.children?.at(-1)?.text).to.equal('Auxiliary types');
  });

  it('shows the three steps of the story in one screen', async () => {
    await open('index');

    const box = await page.locator('pre').nth(3).boundingBox();

    expect((box?.y ?? Infinity) + (box?.height ?? 0)).to.be.at.most(900);
  });

  it('leads from a guide to the reference, and back', async () => {
    await open('documents/Concepts');

    await page.locator('.tsd-typography a', { hasText: 'ThreadBuilder' }).first().click();
    await page.locator('.tsd-tag-guides a', { hasText: 'Concepts' }).click();

    expect(page.url()).to.match(/Concepts\.html$/);
  });

  it('lists every page in llms.txt, each in one line', () => {
    const lines = readFileSync(join(site, 'llms.txt'), 'utf8').split('\n');
    const targets = lines.flatMap((line) => /^- \[[^\]]+\]\(([^)]+)\)/.exec(line)?.[1] ?? []);

    expect(lines[0]).to.equal('# codex-threads');
    expect(targets).to.include.members(['documents/Concepts.html', 'documents/Changelog.html']);
    expect(targets.filter((target) => !existsSync(join(site, target)))).to.deep.equal([]);
  });

  it('is as wide as a phone, without scrolling sideways', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const documents = readdirSync(join(site, 'documents')).map((file) => `documents/${file}`);
    const classes = ['Codex', 'ThreadBuilder', 'Thread', 'Turn', 'TurnFailedError'].map(
      (name) => `classes/codex-threads.${name}.html`,
    );
    const wide: string[] = [];
    for (const file of ['index.html', ...documents, ...classes]) {
      await page.goto(pathToFileURL(join(site, file)).href);
      if (await page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth'))
        wide.push(file);
    }

    expect(documents).to.have.length.above(20);
    expect(wide).to.deep.equal([]);
  });

  for (const [colorScheme, width] of [
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
  ] as const)
    it(`meets the rules of axe, ${colorScheme}, ${width} pixels wide`, async () => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 844 });
      const objections: string[] = [];
      for (const name of pages) {
        await open(name);
        await page.evaluate(axe.source);
        const { violations } = await page.evaluate<axe.AxeResults>(
          `axe.run(document, ${JSON.stringify(rules)})`,
        );
        for (const { id, nodes } of violations)
          objections.push(`${name}: ${id} ${nodes.map(({ html }) => html).join(' ')}`);
      }

      expect(objections).to.deep.equal([]);
    });
});
