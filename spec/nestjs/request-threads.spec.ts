import {
  Controller,
  Get,
  Inject,
  Injectable,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { expect } from 'chai';
import type { IncomingMessage } from 'node:http';
import { CodexModule, RequestThreads } from '../../lib/nestjs/index.js';

type Authenticated = IncomingMessage & { tenant?: string };

@Injectable()
class TenantGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Authenticated>();
    request.tenant = String(request.headers.authorization);
    return true;
  }
}

@Controller()
class LabelsController {
  constructor(@Inject(RequestThreads) private readonly threads: RequestThreads) {}

  @Get()
  @UseGuards(TenantGuard)
  labels(): unknown {
    return {
      started: this.threads.startThread({ labels: { ticket: 'PAY-123' } }).labels,
      replaced: this.threads.startThread({ labels: { tenant: 'other' } }).labels,
      built: this.threads.thread().build().labels,
    };
  }
}

describe('RequestThreads', () => {
  it('gives every request its own labels, which are known after the guards have run', async () => {
    const imports = [
      CodexModule.forRoot({
        requestLabels: ({ tenant }: Authenticated) => ({ tenant: String(tenant) }),
      }),
    ];
    const testing = Test.createTestingModule({ imports, controllers: [LabelsController] });
    const app = (await testing.compile()).createNestApplication();
    app.useLogger(false);
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    const ask = async (authorization: string): Promise<unknown> =>
      (await fetch(url, { headers: { authorization } })).json();

    const answers = await Promise.all([ask('acme'), ask('globex')]);
    await app.close();

    expect(answers).to.deep.equal(
      ['acme', 'globex'].map((tenant) => ({
        started: { tenant, ticket: 'PAY-123' },
        replaced: { tenant: 'other' },
        built: { tenant },
      })),
    );
  });
});
