/**
 * The optional OpenTelemetry bridge; needs `@opentelemetry/api`.
 *
 * @module codex-threads/opentelemetry
 */
// Loaded first: a test can install fake timers later, and a module loaded after that would use them.
import '../timers.js';

export { OpenTelemetryBridge, type OpenTelemetryBridgeProps } from './open-telemetry-bridge.js';
