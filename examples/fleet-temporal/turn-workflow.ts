import {
  CancellationScope,
  continueAsNew,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { addSignal, cancelSignal } from './names.js';
import type { ThreadTurn, TurnEnd } from './thread-turn.js';
import type { TurnActivities } from './turn-activities.js';

const { runThreadTurn } = proxyActivities<Pick<TurnActivities, 'runThreadTurn'>>({
  // A worker that sends no heartbeat for this long has lost its turn to another worker.
  heartbeatTimeout: '10 seconds',
  startToCloseTimeout: '2 hours',
  // The next turn of the thread starts after the cancelled one has been interrupted.
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: { initialInterval: '250 milliseconds', backoffCoefficient: 1 },
});

/** Runs the turns of one thread, one at a time and in their order, and ends when none is left. */
export async function turnsOfThread(left: readonly ThreadTurn[] = []): Promise<TurnEnd[]> {
  const waiting = [...left];
  const cancelled = new Set<string>();
  const running = new Map<string, CancellationScope>();
  const ends: TurnEnd[] = [];
  setHandler(defineSignal<[ThreadTurn]>(addSignal), (turn) => {
    waiting.push(turn);
  });
  setHandler(defineSignal<[string]>(cancelSignal), (id) => {
    cancelled.add(id);
    running.get(id)?.cancel();
  });
  for (let turn = waiting.shift(); turn !== undefined; turn = waiting.shift()) {
    if (cancelled.has(turn.id)) {
      ends.push({ id: turn.id, status: 'cancelled', text: '' });
      continue;
    }
    const scope = new CancellationScope();
    running.set(turn.id, scope);
    ends.push(await ended(turn, scope));
    running.delete(turn.id);
    // The history of a workflow has a limit: the rest of the turns runs in a new one.
    if (workflowInfo().continueAsNewSuggested && waiting.length > 0)
      await continueAsNew<typeof turnsOfThread>(waiting);
  }
  return ends;
}

async function ended(turn: ThreadTurn, scope: CancellationScope): Promise<TurnEnd> {
  const { id } = turn;
  try {
    return { id, status: 'completed', text: await scope.run(async () => runThreadTurn(turn)) };
  } catch (error) {
    if (isCancellation(error)) return { id, status: 'cancelled', text: '' };
    const { cause } = error as Error;
    return { id, status: 'failed', text: String(cause ?? error) };
  }
}
