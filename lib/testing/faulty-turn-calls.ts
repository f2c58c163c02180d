import type {
  ThreadBackgroundTerminal,
  TurnStartParams,
  TurnStartResponse,
} from '../protocol/index.js';
import type { FaultyLibrary } from './faulty-library.js';
import { FaultyRefusal } from './faulty-refusal.js';
import type { FaultyTurnPlan } from './faulty-step.js';
import type { FaultyAnswer, FaultyCalls, FaultySession } from './faulty-session.js';
import type { FaultyThread } from './faulty-thread.js';
import { FaultyTurnPlayer, type FaultyTurnBeginning } from './faulty-turn-player.js';

/** Turns begin, are steered and stopped. @internal */
export class FaultyTurnCalls {
  readonly #session: FaultySession;
  readonly #library: FaultyLibrary;
  readonly #uses = new Map<FaultyTurnPlan, number>();

  constructor(session: FaultySession, library: FaultyLibrary) {
    this.#session = session;
    this.#library = library;
  }

  /** The requests carried out here. */
  get calls(): FaultyCalls {
    return {
      'turn/start': (params) => this.#start(params),
      'turn/steer': ({ threadId, expectedTurnId, input, clientUserMessageId }) => {
        const turn = this.#library.loaded(threadId).activeTurn;
        if (!turn) throw new FaultyRefusal('no active turn to steer');
        if (turn.turnId !== expectedTurnId)
          throw new FaultyRefusal(
            `expected active turn id \`${expectedTurnId}\` but found \`${turn.turnId}\``,
          );
        return thenDo({ turnId: turn.turnId }, () => {
          turn.steer(input, clientUserMessageId ?? null);
        });
      },
      'turn/interrupt': ({ threadId, turnId }) => {
        const turn = this.#library.loaded(threadId).activeTurn;
        if (!turn) throw new FaultyRefusal('no active turn to interrupt');
        if (turn.turnId !== turnId)
          throw new FaultyRefusal(`expected active turn id ${turnId} but found ${turn.turnId}`);
        return thenDo({}, () => {
          turn.interrupt();
        });
      },
      'thread/settings/update': (params) => {
        const thread = this.#library.loaded(params.threadId);
        return thenDo({}, () => {
          thread.change(params);
        });
      },
      'thread/compact/start': ({ threadId }) => {
        const thread = this.#library.loaded(threadId);
        return thenDo({}, () => {
          this.#compact(thread);
        });
      },
      'thread/backgroundTerminals/list': ({ threadId }) => {
        const { terminals } = this.#library.loaded(threadId);
        const data: ThreadBackgroundTerminal[] = terminals.map(({ terminal }) => terminal);
        return { result: { data, nextCursor: null } };
      },
      'thread/backgroundTerminals/terminate': ({ threadId, processId }) => {
        if (!/^\d+$/.test(processId))
          throw new FaultyRefusal(
            'invalid background terminal process id: invalid digit found in string',
          );
        const ended = takeTerminals(this.#library.loaded(threadId), processId);
        return thenDo({ terminated: ended.length > 0 }, () => {
          endAll(ended);
        });
      },
      'thread/backgroundTerminals/clean': ({ threadId }) => {
        const ended = takeTerminals(this.#library.loaded(threadId));
        return thenDo({}, () => {
          endAll(ended);
        });
      },
    };
  }

  #start(params: TurnStartParams): FaultyAnswer<TurnStartResponse> {
    const thread = this.#library.loaded(params.threadId);
    const { input, clientUserMessageId: clientId = null } = params;
    const active = thread.activeTurn;
    // codex-rs neither refuses nor queues: a second start steers the turn that runs.
    if (active)
      return thenDo({ turn: active.stage.fresh }, () => {
        active.steer(input, clientId);
      });
    thread.change(params);
    return this.#play(thread, {
      plan: this.#planFor(params),
      input,
      clientId,
      rootTurnId: params.rootTurnId ?? null,
    });
  }

  #compact(thread: FaultyThread): void {
    thread.activeTurn?.interrupt();
    const plan: FaultyTurnPlan = {
      steps: [{ type: 'item', item: { type: 'contextCompaction', id: `compact_${thread.id}` } }],
    };
    const beginning = { plan, input: [], clientId: null, hasUserMessage: false };
    this.#play(thread, beginning).perform(() => undefined);
  }

  #play(
    thread: FaultyThread,
    beginning: FaultyTurnBeginning,
  ): Required<FaultyAnswer<TurnStartResponse>> {
    const player = new FaultyTurnPlayer(this.#session, thread, beginning);
    thread.activeTurn = player;
    return {
      result: { turn: player.stage.fresh },
      perform: (acknowledge) => {
        void player.play(acknowledge);
      },
    };
  }

  #planFor({ input }: TurnStartParams): FaultyTurnPlan {
    const text = input.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
    const { generation } = this.#session;
    const plan = (this.#session.script.turns ?? []).find(
      (candidate) =>
        (candidate.generation ?? generation) === generation &&
        text.includes(candidate.input ?? '') &&
        (this.#uses.get(candidate) ?? 0) <
          (candidate.times === 0 ? Infinity : (candidate.times ?? 1)),
    );
    if (!plan) return usualTurn;
    this.#uses.set(plan, (this.#uses.get(plan) ?? 0) + 1);
    return plan;
  }
}

const usualTurn: FaultyTurnPlan = { steps: [{ type: 'message', text: 'Hello brave new world' }] };

function thenDo<R>(result: R, afterwards: () => void): FaultyAnswer<R> {
  return {
    result,
    perform: (acknowledge) => {
      acknowledge();
      afterwards();
    },
  };
}

function takeTerminals(thread: FaultyThread, processId?: string): FaultyThread['terminals'] {
  const taken = thread.terminals.filter(
    ({ terminal }) => processId === undefined || terminal.processId === processId,
  );
  for (const one of taken) thread.terminals.splice(thread.terminals.indexOf(one), 1);
  return taken;
}

function endAll(terminals: FaultyThread['terminals']): void {
  for (const { end } of terminals) end();
}
