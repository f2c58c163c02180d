import { DBOS } from '@dbos-inc/dbos-sdk';
import type { Pool } from 'pg';
import { CodexError } from '../../lib/index.js';
import type { FleetEvent } from '../fleet/fleet-event.js';
import { TurnHandler } from '../fleet/turn-handler.js';
import { turnKey, type TurnJob } from '../fleet/turn-job.js';
import type { WorkerSetup } from '../fleet/worker-setup.js';
import { AnswerStream } from './answer-stream.js';
import { ExecutorLeases } from './executor-leases.js';
import { applicationVersion, eventsChannel, queueName, workflowName } from './names.js';

/** Properties of a {@link TurnWorker}. @inline */
export interface TurnWorkerProps {
  readonly setup: WorkerSetup;
  /** The address of the database. */
  readonly url: string;
  readonly pool: Pool;
}

/** Runs the turns of the queue, each as the one step of a workflow. */
export class TurnWorker {
  readonly #props: TurnWorkerProps;
  readonly #leases: ExecutorLeases;
  #lost = new AbortController();
  #pulse: NodeJS.Timeout | undefined;

  constructor(props: TurnWorkerProps) {
    this.#props = props;
    const { setup, pool } = props;
    const { name: executor, leaseMs } = setup;
    const onLost = (): void => {
      this.#lost.abort(new Error('Other workers have taken over the turns of this worker.'));
      this.#lost = new AbortController();
    };
    this.#leases = new ExecutorLeases({ pool, executor, leaseMs, onLost });
  }

  async start(): Promise<void> {
    const { setup, url } = this.#props;
    DBOS.setConfig({
      name: 'fleet',
      systemDatabaseUrl: url,
      executorID: setup.name,
      applicationVersion,
      logLevel: 'error',
    });
    DBOS.registerWorkflow(async (job: TurnJob) => this.#workflow(job), {
      name: workflowName,
      // The death of a worker does not count as a failure of its turn.
      maxRecoveryAttempts: 1_000_000,
    });
    await DBOS.launch();
    await DBOS.registerQueue(queueName, {
      partitionConcurrency: 1,
      workerConcurrency: setup.concurrency,
      minPollingIntervalMs: 200,
      onConflict: 'always_update',
    });
    await this.#leases.start();
    this.#tell({ kind: 'up' });
    this.#pulse = setInterval(() => {
      this.#tell({ kind: 'alive' });
    }, 1000);
  }

  /** Accepts no more turns, and waits for the running ones; those left after the grace period go to other workers. */
  async close(): Promise<void> {
    clearInterval(this.#pulse);
    this.#tell({ kind: 'down' });
    await DBOS.shutdown({ workflowCompletionTimeoutMS: this.#props.setup.graceMs });
    await this.#leases.end();
  }

  async #workflow(job: TurnJob): Promise<string> {
    // The key identifies a turn that was started before, so this step can be repeated.
    return DBOS.runStep(async () => this.#step(job), { name: workflowName });
  }

  async #step(job: TurnJob): Promise<string> {
    const { setup } = this.#props;
    const answer = new AnswerStream();
    const handler = new TurnHandler(setup, (event) => {
      if (event.kind === 'delta') answer.write(event.text ?? '');
      else this.#tell(event);
    });
    const cancelled = DBOS.stepStatus?.cancelSignal;
    try {
      for (;;) {
        const { signal: lost } = this.#lost;
        const signals = [lost, ...(cancelled === undefined ? [] : [cancelled])];
        try {
          return await handler.run(job, AbortSignal.any(signals));
        } catch (error) {
          // The turn may have arrived here after it was taken over: its failure would count.
          if (!lost.aborted || !(await this.#has(turnKey(job)))) throw error;
        }
      }
    } catch (error) {
      const isCancelled = cancelled?.aborted === true;
      const text = isCancelled ? 'cancelled' : CodexError.is(error) ? error.code : String(error);
      this.#tell({ kind: 'failed', thread: job.thread, turn: turnKey(job), text });
      throw error;
    } finally {
      await answer.end();
    }
  }

  /** Whether the database assigns a turn to this worker. */
  async #has(workflowId: string): Promise<boolean> {
    const status = await DBOS.getWorkflowStatus(workflowId);
    return status?.status === 'PENDING' && status.executorId === this.#props.setup.name;
  }

  #tell(event: Omit<FleetEvent, 'worker'>): void {
    const { pool, setup } = this.#props;
    const text = JSON.stringify({ worker: setup.name, ...event });
    pool.query('SELECT pg_notify($1, $2)', [eventsChannel, text]).catch(() => undefined);
  }
}
