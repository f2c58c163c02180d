import { Logger } from '@nestjs/common';
import { expect } from 'chai';
import sinon from 'sinon';
import { CodexHealthIndicator } from '../../lib/nestjs/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

describe('CodexHealthIndicator', function () {
  this.timeout(30_000);
  let offline: OfflineCodex;

  before(async () => {
    Logger.overrideLogger(false);
    offline = await OfflineCodex.start();
  });

  afterEach(() => {
    sinon.restore();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  it('is up where turns can run, under the requested key', async () => {
    const health = await new CodexHealthIndicator(offline.client()).check('agents');

    expect(Object.keys(health)).to.deep.equal(['agents']);
    expect(health.agents).to.include({ status: 'up' });
    expect(health.agents?.version).to.be.a('string');
    expect(health.agents?.roundTripMs).to.be.above(0);
  });

  it('is down where turns cannot run, names the checks and logs the remedies', async () => {
    const warn = sinon.stub(Logger.prototype, 'warn');
    const codex = offline.client({ codexPath: '/nowhere/codex' });

    const { codex: health } = await new CodexHealthIndicator(codex).check();

    expect(health).to.deep.equal({
      status: 'down',
      version: null,
      roundTripMs: null,
      problems: ['binary'],
    });
    expect(String(warn.firstCall.args[0])).to.match(/^binary: .*codexPath/);
  });

  it('judges by the checks it is given', async () => {
    const indicator = new CodexHealthIndicator(offline.client({ codexPath: '/nowhere/codex' }));

    const { codex: health } = await indicator.check('codex', { downFor: ['account'] });

    expect(health).to.deep.include({ status: 'up', problems: ['binary'] });
  });

  it('examines once for checks at the same time and soon after, and again if the report is too old', async () => {
    const warn = sinon.stub(Logger.prototype, 'warn');
    const indicator = new CodexHealthIndicator(offline.client({ codexPath: '/nowhere/codex' }));

    await Promise.all([indicator.check(), indicator.check()]);
    await indicator.check('other');
    expect(warn.callCount).to.equal(1);

    await indicator.check('codex', { maxAgeMs: 0 });
    expect(warn.callCount).to.equal(2);
  });
});
