import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import sinon from 'sinon';
import type { Snippets } from '../../examples/snippets/stage.js';
import { Codex } from '../../lib/index.js';
import type { ClientRequests } from '../../lib/protocol/index.js';
import {
  FaultyTransport,
  ScriptedModel,
  ScriptedReply,
  TemporaryCodexHome,
} from '../../lib/testing/index.js';
import { noProcessLeft } from '../root-hooks.js';
import { regionsOf, promisedOutput, read, shownRequests } from './snippets.js';

/** The part of a file from one exported function to the next. */
function sourceOf(source: string, name: string): string {
  const parts = source.split(/^(?=export (?:async )?function )/m);
  return parts.find((part) => new RegExp(`^export (async )?function ${name}\\b`).test(part)) ?? '';
}

/** Whether a comment shows sent parameters, in part. `…` matches any value. */
function isShownBy(shown: unknown, sent: unknown): boolean {
  if (shown === '…') return sent !== undefined;
  if (typeof shown !== 'object' || shown === null) return shown === sent;
  if (typeof sent !== 'object' || sent === null) return false;
  return Object.entries(shown).every(([name, value]) =>
    isShownBy(value, (sent as Record<string, unknown>)[name]),
  );
}

describe('The snippets of the documentation', function () {
  this.timeout(20_000);
  const ownHome = process.env.HOME;
  const requests = shownRequests();
  const files = readdirSync(resolve('examples/snippets')).filter((name) => name !== 'stage.ts');

  for (const file of files) {
    const source = read(`examples/snippets/${file}`);

    describe(`of examples/snippets/${file}`, () => {
      let model: ScriptedModel;
      let home: TemporaryCodexHome;
      let codex: Codex;
      let transport: FaultyTransport;
      let snippets: Snippets;

      before(async () => {
        model = await ScriptedModel.start();
        home = await TemporaryCodexHome.create();
        await home.write('config.toml', `openai_base_url = "${model.baseUrl}"\n`);
        // A snippet creates its clients like a user program, with settings from the environment. The agent's shell must
        // not find start files of the developer.
        Object.assign(process.env, {
          CODEX_HOME: home.path,
          OPENAI_API_KEY: 'documentation-key-123456',
          HOME: home.path,
        });
        transport = new FaultyTransport();
        codex = new Codex({ transport });
        const compiled = resolve('.build/examples/snippets', file.replace(/\.ts$/, '.js'));
        snippets = (await import(pathToFileURL(compiled).href)) as Snippets;
      });

      afterEach(() => {
        sinon.restore();
      });

      after(async () => {
        delete process.env.CODEX_HOME;
        delete process.env.OPENAI_API_KEY;
        process.env.HOME = ownHome;
        await codex.close();
        await model.close();
        await home.remove();
        await noProcessLeft();
      });

      it('are all run here', () => {
        const names = [...source.matchAll(/^export (?:async )?function (\w+)/gm)].map(
          ([, name]) => name,
        );

        expect(Object.keys(snippets).filter((name) => typeof snippets[name] === 'function'))
          .to.include.members(names)
          .and.not.have.length(0);
      });

      for (const [, name = ''] of source.matchAll(/^export (?:async )?function (\w+)/gm))
        it(`run, and match the output and requests in their comments: ${name}`, async () => {
          model.otherwise(ScriptedReply.message('A test fails.'));
          const log = sinon.stub(console, 'log');
          sinon.stub(process.stdout, 'write').returns(true);
          transport.reset();
          await snippets[name]!({ codex, model });
          sinon.restore();

          const printed = log.args.map((line) => format(...(line as [unknown])));
          expect(printed).to.deep.equal(promisedOutput(sourceOf(source, name)));
          const codes = [...regionsOf(sourceOf(source, name)).values()];
          const shown = requests.filter(({ code }) => codes.includes(code));
          expect(
            shown.filter(
              ({ method, params }) =>
                !transport
                  .requests(method as keyof ClientRequests)
                  .some((sent) => isShownBy(params, sent)),
            ),
          ).to.deep.equal([]);
          expect(model.queuedReplies).to.equal(0);
          expect(model.unexpectedRequests).to.deep.equal([]);
        });
    });
  }
});
