/**
 * Threads that are not bound to a machine: any worker of a job queue continues any thread, one turn at a time.
 *
 * @module codex-threads/fleet
 */
import 'reflect-metadata';
// Loaded with the entry point, before a test can install fake timers; a file loaded later would capture the fake ones.
import '../timers.js';

export { BundleError, type BundleProblem } from './bundle-error.js';
export type { BundleManifest } from './bundle-manifest.js';
export { DirectoryThreadStore, type DirectoryThreadStoreProps } from './directory-thread-store.js';
export { FencedError } from './fenced-error.js';
export type { PostgresClient, PostgresPool } from './postgres-pool.js';
export { PostgresThreadStore, type PostgresThreadStoreProps } from './postgres-thread-store.js';
export { runTurn } from './run-turn.js';
export type { S3Api } from './s3-api.js';
export { S3ThreadStore, type S3ThreadStoreProps } from './s3-thread-store.js';
export { ThreadBundle, type ImportOptions } from './thread-bundle.js';
export { ThreadConflictError } from './thread-conflict-error.js';
export type { StoredTurn, ThreadRecord } from './thread-record.js';
export {
  ThreadStore,
  type NextThread,
  type SaveOptions,
  type StoredThread,
  type StoredValue,
  type WrittenValue,
} from './thread-store.js';
export type { RunTurnOptions, TurnOutcome } from './turn-outcome.js';
