/**
 * The optional bridge to OpenTelemetry; needs `@opentelemetry/api`.
 *
 * @module codex-threads/opentelemetry
 */
// With the entry, before a test can install fake timers; a file that is loaded later would take those.
import '../timers.js';

export { OpenTelemetryBridge, type OpenTelemetryBridgeProps } from './open-telemetry-bridge.js';
