export { OpenTelemetryBridge, type OpenTelemetryBridgeProps } from './open-telemetry-bridge.js';
