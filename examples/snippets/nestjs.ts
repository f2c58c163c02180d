// Snippets of the guide on NestJS and of the doc comments of codex-threads/nestjs.
import { Inject, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Codex } from '../../lib/index.js';
import {
  CodexHealthIndicator,
  CodexModule,
  codexToken,
  InjectCodex,
  RequestThreads,
} from '../../lib/nestjs/index.js';
import type { Stage } from './stage.js';

@Module({})
class AppModule {}

export async function quickStart(): Promise<void> {
  // #region quick start
  @Injectable()
  class Reviews {
    constructor(@Inject(Codex) private readonly codex: Codex) {}

    async ask(question: string): Promise<string | null> {
      const thread = this.codex.startThread({ sandboxMode: 'read-only' });
      const { finalResponse } = await thread.run(question);
      return finalResponse;
    }
  }

  @Module({
    imports: [CodexModule.forRoot({ auth: 'apiKey' })],
    providers: [Reviews],
  })
  class ReviewsModule {}
  // #endregion
  const app = await NestFactory.createApplicationContext(ReviewsModule);
  console.log(await app.get(Reviews).ask('Why is the build red?')); // A test fails.
  await app.close();
}

export async function modules(): Promise<void> {
  // #region CodexModule
  const app = await NestFactory.createApplicationContext({
    module: AppModule,
    imports: [
      CodexModule.forRoot({ keepLoadedMs: 60_000 }),
      CodexModule.forRoot({ name: 'private', isolation: 'private' }),
    ],
  });
  const turn = await app.get(Codex).startThread().run('Why is the build red?');
  console.log(turn.finalResponse); // A test fails.
  console.log(app.get<Codex>(codexToken('private')).options.isolation); // private
  await app.close();
  // #endregion
}

export function tokens(): void {
  // #region codexToken
  console.log(codexToken() === Codex); // true
  console.log(codexToken('billing')); // Codex(billing)
  console.log(codexToken('billing', CodexHealthIndicator)); // CodexHealthIndicator(billing)
  // #endregion
}

export async function injection(): Promise<void> {
  // #region InjectCodex
  @Injectable()
  class Invoices {
    constructor(
      @InjectCodex() readonly codex: Codex,
      @InjectCodex('billing') readonly billing: Codex,
    ) {}
  }
  // #endregion
  const app = await NestFactory.createApplicationContext({
    module: AppModule,
    imports: [CodexModule.forRoot(), CodexModule.forRoot({ name: 'billing', keepLoadedMs: 1 })],
    providers: [Invoices],
  });
  const { codex, billing } = app.get(Invoices);
  console.log(codex.options.keepLoadedMs, billing.options.keepLoadedMs); // 300000 1
  await app.close();
}

export function requestThreads({ codex }: Stage): void {
  const request = { tenant: 'acme' };
  // #region RequestThreads
  const threads = new RequestThreads(codex, () => ({ tenant: request.tenant }));
  const thread = threads.startThread({ labels: { ticket: 'PAY-123' } });
  console.log(JSON.stringify(thread.labels)); // {"tenant":"acme","ticket":"PAY-123"}
  // #endregion
}

export async function health({ codex }: Stage): Promise<void> {
  // #region CodexHealthIndicator
  const indicator = new CodexHealthIndicator(codex);
  const { codex: health } = await indicator.check('codex');
  console.log(health?.status, health?.problems.includes('start')); // up false
  // #endregion
}
