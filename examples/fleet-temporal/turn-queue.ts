import type { Client, WorkflowHandleWithSignaledRunId } from '@temporalio/client';
import { addSignal, cancelSignal, taskQueue, workflowIdOf } from './names.js';
import type { ThreadTurn } from './thread-turn.js';
import type { turnsOfThread } from './turn-workflow.js';

/** The turns of all threads: a workflow for each thread, which a signal starts if it does not run. */
export class TurnQueue {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Adds a turn; `result()` of the handle has the ends of the turns of that run. */
  async add(turn: ThreadTurn): Promise<WorkflowHandleWithSignaledRunId<typeof turnsOfThread>> {
    return this.#client.workflow.signalWithStart<typeof turnsOfThread, [ThreadTurn]>(
      'turnsOfThread',
      {
        workflowId: workflowIdOf(turn.thread),
        taskQueue,
        signal: addSignal,
        signalArgs: [turn],
        args: [],
      },
    );
  }

  /** Interrupts a running turn; skips a waiting one. */
  async cancel({ thread, id }: Pick<ThreadTurn, 'thread' | 'id'>): Promise<void> {
    await this.#client.workflow.getHandle(workflowIdOf(thread)).signal(cancelSignal, id);
  }
}
