/**
 * The module for NestJS: clients from the container, closed with the application. Requires `@nestjs/common` and
 * `@nestjs/core`.
 *
 * @module codex-threads/nestjs
 */
import 'reflect-metadata';
// Import it with the entry point: a module that loads after a test has installed fake timers would capture those.
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
