import { Injectable } from '@nestjs/common';
import type { CodexOptionsRecord } from '../../lib/index.js';

/** The options of the client; a real application reads them from its `ConfigService`. */
@Injectable()
export class CodexSettings {
  readonly options: CodexOptionsRecord = { auth: 'apiKey' };
}
