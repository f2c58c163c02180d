import { RequestError } from '../errors.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';
import type { UserInput } from '../protocol/index.js';
import { meaningOf } from '../wire/refusal-meaning.js';
import type { SteerOutcome } from './turn.js';
import type { TurnRun } from './turn-run.js';

/** Adds input to the running turn (`turn/steer`). */
export async function steerTurn(
  { isOver, turnId }: Pick<TurnRun, 'isOver' | 'turnId'>,
  { session, threadId }: LoadedThread,
  input: UserInput[],
): Promise<SteerOutcome> {
  if (isOver || turnId === null) return { status: 'turnEnded' };
  try {
    await session.request('turn/steer', { threadId, expectedTurnId: turnId, input });
    return { status: 'steered' };
  } catch (error) {
    if (!RequestError.is(error)) return { status: 'unknown', cause: error };
    if (meaningOf(error) === 'no-active-turn') return { status: 'turnEnded' };
    throw error;
  }
}
