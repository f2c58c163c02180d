import {
  RequestError,
  ResumeRejectedError,
  ThreadStateError,
  TurnFailedError,
  TurnInterruptedError,
  TurnLostError,
} from '../../lib/index.js';
import { TurnRecord } from '../../lib/parity/index.js';
import { refusal } from '../../lib/resume/refusal.js';
import { differencesOf, type Difference, type SameIds } from './differences.js';
import { steady } from './steady.js';
import type { Outcome } from './scenario-player.js';

/** One line of `result.json`. */
export interface PythonOutcome {
  readonly step: number;
  readonly do: string;
  readonly threadId?: string;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly forkId?: string;
  readonly deltas?: readonly string[];
  readonly error?: {
    readonly type: string;
    readonly message: string;
    readonly code?: number;
    readonly serverMessage?: string;
  };
}

/** Every difference between the results of a step with the Python client and with ours. */
export function outcomeDifferences(
  python: PythonOutcome,
  ours: Outcome,
  ids: SameIds,
  project = '/home/user/project',
): Difference[] {
  const result = steady(pythonForm(ours), project);
  const expected = expectedForm(python);
  // By the status of the turn: a completed turn must have values that an interrupted turn lacks.
  const status = typeof expected.status === 'string' ? expected.status : 'step';
  const ofThread = differencesOf('step.threadId', python.threadId, ours.threadId, ids);
  return [...ofThread, ...differencesOf(status, expected, result, ids)];
}

/** Every difference between the threads as last read by the Python client and by ours. */
export function metadataDifferences(
  python: Readonly<Record<string, unknown>>,
  ours: readonly Outcome[],
  ids: SameIds,
  project = '/home/user/project',
): Difference[] {
  return Object.entries(python).flatMap(([name, expected]) => {
    const last = ours.findLast(({ read }) => read?.thread === name)?.read;
    return differencesOf('thread', expected, steady(last?.json, project), ids);
  });
}

function pythonForm(outcome: Outcome): Form {
  const { do: verb, result, text, steered, error, forkId, listed } = outcome;
  if (result !== undefined) return { ...TurnRecord.of(result).toJSON() };
  if (text !== undefined) return { text };
  if (steered !== undefined) return { steered };
  if (forkId !== undefined) return { forkId };
  if (listed !== undefined) return { listed };
  if (error === undefined) return {};
  if (error instanceof TurnInterruptedError) return { ...TurnRecord.of(error).toJSON() };
  if (error instanceof TurnFailedError) return { failed: error.turnError.message };
  if (error instanceof TurnLostError) return { lost: true };
  if (error instanceof ResumeRejectedError) return { rejected: error.reason };
  if (error instanceof RequestError) return { refused: error.serverMessage };
  if (error instanceof ThreadStateError) return { impossible: error.code };
  return { [`unexpected error of ${verb}`]: error instanceof Error ? error.message : error };
}

/** The Python client has few error classes: the step and the server's message determine the meaning. */
function expectedForm({ do: verb, result, deltas, error, forkId }: PythonOutcome): Form {
  if (verb === 'steer') return { steered: 'steered' };
  if (verb === 'interrupt') return {};
  if (verb === 'list') return { listed: result?.data };
  if (forkId !== undefined) return { forkId };
  if (result !== undefined) return result;
  if (deltas !== undefined) return { text: deltas.join('') };
  if (error === undefined) return {};
  const { type, code, serverMessage } = error;
  if (type === 'RuntimeError') return { failed: error.message };
  if (type === 'TransportClosedError') return { lost: true };
  if (code === undefined || serverMessage === undefined) return { [type]: error.message };
  if (verb !== 'resume') return { refused: serverMessage };
  const { reason } = refusal(
    new RequestError({ method: 'thread/resume', rpcCode: code, serverMessage }),
  );
  return { rejected: reason };
}

type Form = Record<string, unknown>;
