import { once } from 'node:events';
import { createServer } from 'node:http';
import { hostname } from 'node:os';
import { Codex, type ThreadBuilder } from '../../lib/index.js';
import {
  DirectoryThreadStore,
  PostgresThreadStore,
  type RunTurnOptions,
  type ThreadStore,
} from '../../lib/fleet/index.js';
import { postgresPool } from './postgres-pool.js';
import { OpenTelemetryBridge } from '../../lib/opentelemetry/index.js';

/** The parts of every worker, for any engine: one client of codex-rs, and the store that all workers share. */
export interface WorkerSetup extends AsyncDisposable {
  readonly name: string;
  readonly codex: Codex;
  readonly store: ThreadStore;
  /** Whether the threads in `CODEX_HOME` belong to this worker or to all. */
  readonly home: NonNullable<RunTurnOptions['home']>;
  /** The builder of every thread. One builder for all turns allows a thread whose last turn ran here to continue without being loaded again. */
  readonly threads: ThreadBuilder;
  /** The number of concurrent turns. */
  readonly concurrency: number;
  /** The time without a sign of life after which other workers take over its turns. */
  readonly leaseMs: number;
  /** The time for which turns may continue after the worker is asked to stop. */
  readonly graceMs: number;
}

/**
 * Reads the settings of a worker from its environment: `FLEET_STORE` (a directory, or the address of a PostgreSQL
 * database), `FLEET_WORKER`, `FLEET_DIRECTORY`, `FLEET_CONCURRENCY`, `FLEET_LEASE_MS`, `FLEET_GRACE_MS`, and
 * `FLEET_HOME=shared` if all workers have the same `CODEX_HOME`, each with its own `CODEX_SQLITE_HOME`. codex-rs
 * reads `CODEX_HOME` and the key as usual.
 */
export function workerSetup(env: NodeJS.ProcessEnv = process.env): WorkerSetup {
  const { FLEET_WORKER: name = `${hostname()}-${process.pid}`, FLEET_STORE: place = 'threads' } =
    env;
  // Turns and their commands as spans and metrics, for the SDK that the process has registered.
  const bridge = new OpenTelemetryBridge().connect();
  const codex = new Codex({
    // Every load of a thread would start a login shell.
    config: { features: { shell_snapshot: false } },
    ...(env.FLEET_PROVIDER === undefined ? {} : { baseUrl: env.FLEET_PROVIDER }),
  });
  const { store, close } = storeAt(place);
  return {
    name,
    codex,
    store,
    home: env.FLEET_HOME === 'shared' ? 'shared' : 'own',
    // The same directory on all machines.
    threads: codex.thread().withOptions({ workingDirectory: env.FLEET_DIRECTORY ?? process.cwd() }),
    concurrency: Number(env.FLEET_CONCURRENCY ?? 4),
    leaseMs: Number(env.FLEET_LEASE_MS ?? 10_000),
    graceMs: Number(env.FLEET_GRACE_MS ?? 20_000),
    async [Symbol.asyncDispose]() {
      await codex.close();
      await close();
      bridge.disconnect();
    },
  };
}

function storeAt(place: string): {
  readonly store: ThreadStore;
  readonly close: () => Promise<void>;
} {
  if (!/^postgres(ql)?:/.test(place))
    return {
      store: new DirectoryThreadStore({ directory: place }),
      close: async () => Promise.resolve(),
    };
  const pool = postgresPool(place);
  return { store: new PostgresThreadStore({ pool }), close: async () => pool.end() };
}

/** Answers the probes of an orchestrator: 200 if the check passes, or 503. */
export async function serveHealth(
  port: number,
  check: () => Promise<void>,
): Promise<{ readonly close: () => Promise<void> }> {
  const server = createServer((_request, response) => {
    check().then(
      () => response.end(),
      () => response.writeHead(503).end(),
    );
  }).listen(port);
  await once(server, 'listening');
  return {
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Resolves when the process is asked to end. */
export async function untilAskedToEnd(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.once(signal, () => {
        resolve();
      });
  });
}
