import { Injectable } from '@nestjs/common';

/** The tickets of the application; a real one asks a database. */
@Injectable()
export class Tickets {
  async isClosed(ticket: string): Promise<boolean> {
    return Promise.resolve(ticket.startsWith('OLD-'));
  }
}
