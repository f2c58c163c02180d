import { differencesOf, type Difference, type SameIds } from './differences.js';

/** A request as one client sent it. */
export interface SentRequest {
  readonly process: string;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** The messages of the client in a transcript, or in a log of the same format. */
export function requestsIn(records: readonly unknown[]): SentRequest[] {
  return (records as WireLine[]).flatMap(({ process, from = 'client', message }) =>
    from === 'client' && message?.id !== undefined && message.method !== undefined
      ? [{ process, method: message.method, params: message.params ?? {} }]
      : [],
  );
}

/** Every difference between the requests of Python and those of our client. */
export function requestDifferences(
  python: readonly SentRequest[],
  ours: readonly SentRequest[],
  ids: SameIds,
): Difference[] {
  const differences: Difference[] = [];
  const left = [...ours];
  for (const request of python) {
    const index = left.findIndex((other) => isCounterpart(request, other, ids));
    const [counterpart] = index < 0 ? [] : left.splice(index, 1);
    if (counterpart !== undefined)
      differences.push(...differencesOf(request.method, request.params, counterpart.params, ids));
    else
      differences.push({
        where: `request ${request.method}`,
        python: request.params,
        ours: undefined,
      });
  }
  const more = left.map(({ method, params }) => ({
    where: `request ${method}`,
    python: undefined,
    ours: params,
  }));
  return [...differences, ...more];
}

interface WireLine {
  readonly process: string;
  readonly from?: string;
  readonly message?: {
    readonly id?: unknown;
    readonly method?: string;
    readonly params?: Readonly<Record<string, unknown>>;
  };
}

function isCounterpart(python: SentRequest, ours: SentRequest, ids: SameIds): boolean {
  if (python.process !== ours.process || python.method !== ours.method) return false;
  const [pythonId, ourId] = [python.params.threadId, ours.params.threadId];
  return typeof pythonId !== 'string' || typeof ourId !== 'string' || ids.match(pythonId, ourId);
}
