import { Inject, Injectable, Module, type INestApplicationContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { expect } from 'chai';
import sinon from 'sinon';
import { ApprovalHandler } from '../../lib/approvals/approval-handler.js';
import type { ApprovalDecision } from '../../lib/approvals/approval-decision.js';
import type { CommandRequest } from '../../lib/approvals/command-request.js';
import { Codex } from '../../lib/codex.js';
import { ValidationError } from '../../lib/errors.js';
import {
  CodexHealthIndicator,
  CodexModule,
  codexToken,
  InjectCodex,
  RequestThreads,
} from '../../lib/nestjs/index.js';
import { ResumeValidator } from '../../lib/resume/resume-validator.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';
import { startNest } from './nest-app.js';

const threadId = '0199a213-81c0-7800-8aa1-bbab2a035a53';

@Module({})
class Shared {}

@Injectable()
class Invoices {
  @InjectCodex('billing') readonly property: Codex | undefined;

  constructor(
    readonly codex: Codex,
    @InjectCodex('billing') readonly billing: Codex,
  ) {}
}

@Injectable()
class Ledger {
  readonly commands: string[] = [];
}

@Injectable()
class LedgerApprovals extends ApprovalHandler {
  constructor(@Inject(Ledger) private readonly ledger: Ledger) {
    super();
  }

  protected override command(request: CommandRequest): ApprovalDecision {
    this.ledger.commands.push(String(request.command));
    return request.deny();
  }
}

describe('CodexModule', function () {
  this.timeout(30_000);
  let offline: OfflineCodex;
  let app: INestApplicationContext | null;

  beforeEach(async () => {
    offline = await OfflineCodex.start();
    app = null;
  });

  afterEach(async () => {
    await app?.close();
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  describe('provides a client', () => {
    it('without a name by its class, and named ones by their tokens', async () => {
      app = await startNest({
        imports: [
          CodexModule.forRoot({ keepLoadedMs: 1 }),
          CodexModule.forRoot({ name: 'billing', keepLoadedMs: 2 }),
        ],
        providers: [Invoices],
      });

      const { codex, billing, property } = app.get(Invoices);

      expect(codex).to.be.instanceOf(Codex);
      expect([codex.options.keepLoadedMs, billing.options.keepLoadedMs]).to.deep.equal([1, 2]);
      expect(property).to.equal(billing);
      expect(app.get(codexToken('billing'))).to.equal(billing);
    });

    it('to classes that a compiler emitted no types for', async () => {
      @Injectable()
      class Plain {
        constructor(@InjectCodex() readonly codex: Codex) {}
      }
      Reflect.deleteMetadata('design:paramtypes', Plain);
      app = await startNest({ imports: [CodexModule.forRoot()], providers: [Plain] });

      expect(app.get(Plain).codex).to.equal(app.get(Codex));
    });

    it('that runs turns', async () => {
      offline.model.reply(ScriptedReply.message('A test fails.'));
      app = await startNest({ imports: [CodexModule.forRoot(offline.options)] });

      const { finalResponse } = await app.get(Codex).startThread().run('Why is the build red?');

      expect(finalResponse).to.equal('A test fails.');
    });

    it('whose options a factory returns', async () => {
      const settings = { provide: 'settings', useValue: { keepLoadedMs: 7 } };
      app = await startNest({
        imports: [
          CodexModule.forRootAsync({
            imports: [{ module: Shared, providers: [settings], exports: ['settings'] }],
            inject: ['settings'],
            useFactory: async (given: { keepLoadedMs: number }) => Promise.resolve(given),
          }),
        ],
      });

      expect(app.get(Codex).options.keepLoadedMs).to.equal(7);
    });

    it('only to the modules that import it, if it is not global', async () => {
      const imports = [CodexModule.forRoot({ global: false })];
      const error = await failure(
        startNest({
          imports: [{ module: Shared, imports }],
          providers: [{ provide: 'user', inject: [Codex], useFactory: (codex: Codex) => codex }],
        }),
      );

      expect(String(error)).to.include('Codex');
    });

    it('that a test can replace', async () => {
      const other = offline.client();
      const testing = await Test.createTestingModule({ imports: [CodexModule.forRoot()] })
        .overrideProvider(Codex)
        .useValue(other)
        .compile();

      expect(testing.get(Codex)).to.equal(other);

      await testing.close();
      expect(await failure(other.warmUp())).to.have.property('code', 'closed');
    });
  });

  describe('refuses', () => {
    it('options that are not valid, when the application starts', async () => {
      const error = await failure(
        startNest({ imports: [CodexModule.forRoot({ keepLoadedMs: -1 })] }),
      );

      expect(error).to.be.instanceOf(ValidationError);
      expect(error).to.have.nested.property('problems[0].path', 'keepLoadedMs');
    });

    it('a blank name', () => {
      expect(() => CodexModule.forRoot({ name: ' ' })).to.throw(
        ValidationError,
        'Invalid name of a Codex client:\n  must be a non-blank string, got',
      );
    });

    it('a strategy that is given both as a token and by the factory', async () => {
      const error = await failure(
        startNest({
          imports: [
            CodexModule.forRootAsync({
              providers: [ResumeValidator],
              resumeValidator: ResumeValidator,
              useFactory: () => ({ resumeValidator: new ResumeValidator() }),
            }),
          ],
        }),
      );

      expect(error).to.have.property('code', 'invalid-input');
      expect(String(error)).to.include('resumeValidator: is given as a token and by useFactory');
    });

    it('a class that no module provides, and names it', async () => {
      const error = await failure(
        startNest({ imports: [CodexModule.forRoot({ resumeValidator: ResumeValidator })] }),
      );

      expect(String(error)).to.include('ResumeValidator');
    });
  });

  describe('gets from the container', () => {
    it('the validator of resumes', async () => {
      const stub = sinon.createStubInstance(ResumeValidator);
      stub.validate.resolves({ accepted: false, reason: 'stale', message: 'It moved.' });
      app = await startNest({
        imports: [
          CodexModule.forRoot({
            ...offline.options,
            providers: [{ provide: ResumeValidator, useValue: stub }],
            resumeValidator: ResumeValidator,
          }),
        ],
      });

      const error = await failure(app.get(Codex).resumeThread(threadId));

      expect(error).to.have.property('reason', 'stale');
      expect(stub.validate.firstCall.args[0]).to.have.property('threadId', threadId);
    });

    it('the handler of approvals, with its injected dependencies', async () => {
      const { model, options } = offline;
      model.reply(ScriptedReply.shellCommand('touch made'), ScriptedReply.message('Denied.'));
      app = await startNest({
        imports: [
          CodexModule.forRootAsync({
            imports: [
              {
                module: Shared,
                providers: [Ledger, LedgerApprovals],
                exports: [Ledger, LedgerApprovals],
              },
            ],
            approvals: LedgerApprovals,
            useFactory: () => options,
          }),
        ],
      });

      await app.get(Codex).startThread({ approvalPolicy: 'untrusted' }).run('Deploy');

      expect(app.get(Ledger, { strict: false }).commands.join()).to.include('touch made');
    });

    it('nothing for strategies that are objects', async () => {
      const resumeValidator = new ResumeValidator();
      app = await startNest({ imports: [CodexModule.forRoot({ resumeValidator })] });

      expect(app.get(Codex).options.resumeValidator).to.equal(resumeValidator);
    });
  });

  describe('closes its clients', () => {
    it('when the application is closed', async () => {
      const { model, options } = offline;
      model.otherwise(ScriptedReply.message('Done.'));
      app = await startNest({
        imports: [
          CodexModule.forRoot(options),
          CodexModule.forRoot({ ...options, name: 'billing' }),
        ],
      });
      const clients = [app.get(Codex), app.get<Codex>(codexToken('billing'))];
      for (const codex of clients) await codex.startThread().run('Hello');

      await app.close();

      for (const codex of clients)
        expect(await failure(codex.startThread().run('Again'))).to.have.property('code', 'closed');
      await noProcessLeft();
    });
  });

  describe('has for every client', () => {
    it('an indicator of its health and request-scoped threads', async () => {
      app = await startNest({
        imports: [CodexModule.forRoot(), CodexModule.forRoot({ name: 'billing' })],
      });

      for (const name of [undefined, 'billing']) {
        const indicator = app.get<CodexHealthIndicator>(codexToken(name, CodexHealthIndicator));
        const threads = await app.resolve<RequestThreads>(codexToken(name, RequestThreads));

        expect(indicator).to.be.instanceOf(CodexHealthIndicator);
        expect(threads).to.be.instanceOf(RequestThreads);
        expect(threads.labels.size).to.equal(0);
      }
    });
  });
});
