import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { testedCodexVersion, version } from '../lib/index.js';

describe('version', () => {
  it('is the one in package.json', () => {
    const manifest = JSON.parse(readFileSync(resolve('package.json'), 'utf8')) as {
      version: string;
    };

    expect(version).to.equal(manifest.version);
  });

  it('comes with the codex-rs that the protocol types were generated from', () => {
    const manifest = JSON.parse(readFileSync(resolve('package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(manifest.dependencies['@openai/codex']).to.equal(testedCodexVersion);
    const generated = readFileSync(resolve('lib/protocol/generated/protocol.ts'), 'utf8');

    expect(generated.split('\n')[0]).to.contain(
      `@openai/codex ${manifest.dependencies['@openai/codex'] ?? ''} `,
    );
  });
});
