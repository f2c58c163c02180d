/**
 * The optional bridge to OpenTelemetry; needs `@opentelemetry/api`.
 *
 * @module codex-threads/opentelemetry
 */
export { OpenTelemetryBridge, type OpenTelemetryBridgeProps } from './open-telemetry-bridge.js';
