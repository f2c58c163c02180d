/**
 * A thread to look at: {@link exportThread} reads all that is kept of it, and {@link renderThread} makes one HTML page of that, for a
 * bug report or an archive.
 *
 * @module codex-threads/page
 */
import 'reflect-metadata';
// With the entry, before a test can install fake timers; a file that is loaded later would take those.
import '../timers.js';

export { exportThread } from './export-thread.js';
export { renderThread, type RenderOptions } from './render-thread.js';
export type { RecordedCall, RecordedSettings, ThreadExport, TurnDetails } from './thread-export.js';
