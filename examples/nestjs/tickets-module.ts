import { Module } from '@nestjs/common';
import { CodexSettings } from './codex-settings.js';
import { OpenTicketValidator } from './open-ticket-validator.js';
import { Tickets } from './tickets.js';

@Module({
  providers: [Tickets, OpenTicketValidator, CodexSettings],
  exports: [Tickets, OpenTicketValidator, CodexSettings],
})
export class TicketsModule {}
