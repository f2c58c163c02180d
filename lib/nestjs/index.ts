/**
 * The module for NestJS: clients from the container, closed with the application; needs `@nestjs/common` and `@nestjs/core`.
 *
 * @module codex-threads/nestjs
 */
import 'reflect-metadata';
// With the entry, before a test can install fake timers; a file that is loaded later would take those.
import '../timers.js';

export {
  CodexHealthIndicator,
  type CodexHealth,
  type CodexHealthOptions,
} from './codex-health-indicator.js';
export { CodexModule } from './codex-module.js';
export type {
  CodexModuleAsyncOptions,
  CodexModuleOptions,
  CodexModuleSettings,
  ContainerToken,
} from './codex-module-options.js';
export { codexToken, InjectCodex, type CodexProvider } from './codex-token.js';
export { RequestThreads } from './request-threads.js';
