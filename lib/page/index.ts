/**
 * Threads as HTML pages: {@link exportThread} reads all stored data of a thread, and {@link renderThread} renders it as
 * one HTML page, for a bug report or an archive.
 *
 * @module codex-threads/page
 */
import 'reflect-metadata';
// Import it with the entry point: a module that loads after a test has installed fake timers would capture those.
import '../timers.js';

export { exportThread } from './export-thread.js';
export { renderThread, type RenderOptions } from './render-thread.js';
export type { RecordedCall, RecordedSettings, ThreadExport, TurnDetails } from './thread-export.js';
