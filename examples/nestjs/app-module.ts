import { Module } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { CodexModule } from '../../lib/nestjs/index.js';
import { CodexSettings } from './codex-settings.js';
import { HealthController } from './health-controller.js';
import { OpenTicketValidator } from './open-ticket-validator.js';
import { TicketsModule } from './tickets-module.js';
import { TurnsController } from './turns-controller.js';

// #region module
@Module({
  imports: [
    CodexModule.forRootAsync({
      imports: [TicketsModule],
      inject: [CodexSettings],
      useFactory: (settings: CodexSettings) => settings.options,
      resumeValidator: OpenTicketValidator,
      requestLabels: ({ headers }: IncomingMessage) => ({
        tenant: String(headers['x-tenant'] ?? 'none'),
      }),
    }),
  ],
  controllers: [TurnsController, HealthController],
})
export class AppModule {}
// #endregion
