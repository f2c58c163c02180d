/**
 * Turns as events of the Agent-User Interaction (AG-UI) protocol 1.0. It needs no package of AG-UI.
 *
 * @module codex-threads/ag-ui
 */
import 'reflect-metadata';
// Import it with the entry point: a module that loads after a test has installed fake timers would capture those.
import '../timers.js';

export type { AgUiCustomValues, AgUiEvent, AgUiTokenUsage } from './ag-ui-event.js';
export { toAgUiResponse } from './ag-ui-response.js';
export { toAgUiStream, type AgUiOptions } from './ag-ui-stream.js';
