import { Controller, Get, Inject, ServiceUnavailableException } from '@nestjs/common';
import { CodexHealthIndicator, type CodexHealth } from '../../lib/nestjs/index.js';

// #region health
@Controller('health')
export class HealthController {
  constructor(@Inject(CodexHealthIndicator) private readonly codex: CodexHealthIndicator) {}

  @Get()
  async check(): Promise<CodexHealth> {
    const health = await this.codex.check('codex');
    if (health.codex?.status === 'down') throw new ServiceUnavailableException(health);
    return health;
  }
}
// #endregion
