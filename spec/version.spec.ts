import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { telemetry, testedCodexVersions, version, type TelemetryMessages } from '../lib/index.js';
import { FaultyTransport } from '../lib/testing/index.js';
import { codexVersionProblem, isAtLeast, testedCodexVersion } from '../lib/version.js';
import { OfflineCodex } from './offline-codex.js';
import { noProcessLeft } from './root-hooks.js';

describe('version', () => {
  it('equals the one in package.json', () => {
    const manifest = JSON.parse(readFileSync(resolve('package.json'), 'utf8')) as {
      version: string;
    };

    expect(version).to.equal(manifest.version);
  });

  it('matches the codex-rs from which the protocol types were generated', () => {
    const manifest = JSON.parse(readFileSync(resolve('package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(manifest.dependencies['@openai/codex']).to.equal(testedCodexVersion);
    const generated = readFileSync(resolve('lib/protocol/generated/protocol.ts'), 'utf8');

    expect(generated.split('\n')[0]).to.contain(
      `@openai/codex ${manifest.dependencies['@openai/codex'] ?? ''} `,
    );
  });

  describe('of codex-rs', () => {
    it('has no warning if it was tested', () => {
      expect(codexVersionProblem(testedCodexVersion)).to.equal(null);
      expect(codexVersionProblem(testedCodexVersions.oldest)).to.equal(null);
      expect(codexVersionProblem('0.166.0')).to.equal(null);
      expect(codexVersionProblem(testedCodexVersions.newest)).to.equal(null);
    });

    it('is compared numerically', () => {
      expect(codexVersionProblem('0.162.9')).to.contain('0.162.9 is older');
      expect(codexVersionProblem('0.99.0')).to.contain('0.99.0 is older');
      expect(codexVersionProblem('0.1000.0')).to.contain('0.1000.0 is newer');
      expect(codexVersionProblem(testedCodexVersion.replace(/\d+$/, '999'))).to.contain('is newer');
    });

    it('is in the page of versions with its differences', () => {
      const page = readFileSync(resolve('docs/versions.md'), 'utf8');

      for (const tested of Object.values(testedCodexVersions) as string[])
        expect(page).to.match(new RegExp(`^\\| ${tested} `, 'm'));
    });

    it('is compared by its numbers, and a pre-release comes before its release', () => {
      expect(isAtLeast('0.163.0', '0.163.0')).to.equal(true);
      expect(isAtLeast('0.1000.0', '0.163.0')).to.equal(true);
      expect(isAtLeast('0.162.9', '0.163.0')).to.equal(false);
      expect(isAtLeast('0.163.0-alpha.1', '0.163.0')).to.equal(false);
      expect(isAtLeast('0.163.1-alpha.1', '0.163.0')).to.equal(true);
      expect(isAtLeast(null, '0.163.0')).to.equal(false);
      expect(isAtLeast('main', '0.163.0')).to.equal(false);
    });

    it('has a warning if it cannot be compared', () => {
      expect(codexVersionProblem(null)).to.contain('unknown');
      expect(codexVersionProblem(`${testedCodexVersion}-alpha.1`)).to.contain('cannot be compared');
    });

    it('is reported by telemetry if it was not tested, without an error', async function () {
      this.timeout(20_000);
      const offline = await OfflineCodex.start();
      const transport = new FaultyTransport()
        .on('initialize')
        .editReply((info) => ({ ...info, userAgent: 'spec/0.999.0 (Linux)' }));
      const problems: TelemetryMessages['problem'][] = [];
      const forget = telemetry.problem.subscribe((message) => problems.push(message));

      await offline.client({ transport }).warmUp();
      forget();
      await offline[Symbol.asyncDispose]();
      await noProcessLeft();

      expect(problems).to.have.length(1);
      expect(problems[0]).to.include({ threadId: null, during: 'version' });
      expect(problems[0]?.message).to.contain('0.999.0 is newer');
    });
  });
});
