import { expect } from 'chai';
import { isTestedCodexVersion } from '../lib/version.js';
import { codexVersion, OfflineCodex } from './offline-codex.js';
import { noProcessLeft, processesLeft } from './root-hooks.js';

describe('codex.serverInfo on the real codex-rs', function () {
  this.timeout(20_000);

  it('returns what codex-rs reports about itself, and its process id', async () => {
    await using offline = await OfflineCodex.start();
    const codex = offline.client();

    const info = await codex.serverInfo();

    expect(info).to.include({
      version: codexVersion(),
      isTested: isTestedCodexVersion(codexVersion()),
      codexHome: offline.home.path,
      generation: 1,
    });
    expect(processesLeft().some((line) => line.startsWith(`${info.processId ?? ''}:`))).to.equal(
      true,
    );
    expect(info).to.be.frozen;
    await codex.close();
    await noProcessLeft();
  });

  it('distinguishes the version of codex-rs from a client with a similar name', async () => {
    await using offline = await OfflineCodex.start();
    const clientInfo = { name: 'app/1.2.3 (beta)', version: '4.5.6' };
    const codex = offline.client({ clientInfo });

    expect(await codex.serverInfo()).to.include({ version: codexVersion() });

    await codex.close();
    await noProcessLeft();
  });

  it('uses the process that warmUp has started', async () => {
    await using offline = await OfflineCodex.start();
    const codex = offline.client();

    await codex.warmUp();
    expect(processesLeft()).not.to.deep.equal([]);
    await codex.warmUp();

    expect((await codex.serverInfo()).generation).to.equal(1);
    await codex.close();
    await noProcessLeft();
  });
});
