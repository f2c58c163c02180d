import type {
  JsonValue,
  ServerRequests,
  ThreadItem,
  TokenUsageBreakdown,
} from '../protocol/index.js';
import { FaultyActions } from './faulty-actions.js';
import type {
  FaultyAcknowledgement,
  FaultyCommand,
  FaultyFileChange,
  FaultyMessage,
  FaultyServerRequest,
  FaultyStep,
  FaultyToolCall,
  FaultyTurnError,
  FaultyTurnPlan,
} from './faulty-step.js';

/**
 * What happens in one turn, step by step, between the user's message and the end. Immutable: every verb gives a new turn.
 *
 * A turn whose steps are over completes, with one usage update unless a step sends its own.
 *
 * @example
 * ```ts
 * const turn = new FaultyTurn()
 *   .message('Let me look.', { phase: 'commentary' })
 *   .command('ls', { output: ['a.txt\n'], approval: true })
 *   .message('There is one file.', { phase: 'final_answer' });
 * ```
 */
export class FaultyTurn extends FaultyActions<FaultyTurn> {
  readonly #plan: FaultyTurnPlan;

  /** @internal */
  constructor(plan: FaultyTurnPlan = { steps: [] }) {
    super();
    this.#plan = plan;
  }

  /** An agent message, streamed in two parts unless `deltas` says otherwise. */
  message(text: string, options: Omit<FaultyMessage, 'text'> = {}): FaultyTurn {
    return this.add({ type: 'message', text, ...options });
  }

  /** What the model thinks: summary parts, then raw content. */
  reasoning(summary: readonly string[], content: readonly string[] = []): FaultyTurn {
    return this.add({ type: 'reasoning', summary, content });
  }

  /** A command of the agent. */
  command(command: string, options: Omit<FaultyCommand, 'command'> = {}): FaultyTurn {
    return this.add({ type: 'command', command, ...options });
  }

  /** A change of files. */
  fileChange(
    changes: FaultyFileChange['changes'],
    options: Omit<FaultyFileChange, 'changes'> = {},
  ): FaultyTurn {
    return this.add({ type: 'fileChange', changes, ...options });
  }

  /** A call of one of the client's own tools; the turn goes on when it is answered. */
  toolCall(call: FaultyToolCall): FaultyTurn {
    return this.add({ type: 'toolCall', ...call });
  }

  /** Any item, started and completed as given, or only one of the two. */
  item(item: ThreadItem, only?: 'started' | 'completed'): FaultyTurn {
    return this.add({ type: 'item', item, ...(only ? { only } : {}) });
  }

  /** An item of a type that no protocol knows. */
  unknownItemType(): FaultyTurn {
    return this.add({ type: 'unknownItem' });
  }

  /** A usage update for one model request; what is not given is as in the default turn. */
  usage(usage: Partial<TokenUsageBreakdown> = {}): FaultyTurn {
    return this.add({ type: 'usage', usage });
  }

  /** An `error` notification with `willRetry`; the turn goes on. */
  retrying(error: FaultyTurnError): FaultyTurn {
    return this.add({ type: 'retry', ...error });
  }

  /** A request to the client; the turn goes on when it is answered. Thread and turn ids are added where they are missing. */
  request<M extends keyof ServerRequests>(
    method: M,
    params: Partial<ServerRequests[M]['params']>,
    options: Pick<FaultyServerRequest, 'copies' | 'resolvedBy'> = {},
  ): FaultyTurn {
    return this.requestAnything(method, params as FaultyServerRequest['params'], options);
  }

  /** A request of any method with any params; the turn goes on when it is answered. */
  requestAnything(
    method: string,
    params: Readonly<Record<string, JsonValue>> = {},
    options: Pick<FaultyServerRequest, 'copies' | 'resolvedBy'> = {},
  ): FaultyTurn {
    return this.add({ type: 'request', method, params, ...options });
  }

  /** A sub-agent's turn on a thread of its own; this turn waits for its end. */
  subAgent(turn: FaultyTurn): FaultyTurn {
    return this.add({ type: 'subAgent', turn: turn.plan });
  }

  /** A sub-agent's turn on a thread of its own; this turn goes on at once. */
  subAgentInBackground(turn: FaultyTurn): FaultyTurn {
    return this.add({ type: 'subAgent', turn: turn.plan, inBackground: true });
  }

  /** Waits until the gate opens. */
  waitFor(gate: string): FaultyTurn {
    return this.add({ type: 'waitFor', gate });
  }

  /** The model says nothing more: until an interrupt, or until a steer begins its next request. */
  silence(): FaultyTurn {
    return this.add({ type: 'silence' });
  }

  /** The turn fails here; later steps still happen. */
  fail(error: FaultyTurnError): FaultyTurn {
    return this.add({ type: 'fail', ...error });
  }

  /** The server interrupts the turn by itself; no later step happens. */
  interrupt(): FaultyTurn {
    return this.add({ type: 'interrupt' });
  }

  /** The turn completes here; later steps still happen. */
  complete(): FaultyTurn {
    return this.add({ type: 'complete' });
  }

  /** When `turn/start` is answered: `first` unless set. */
  acknowledged(acknowledged: FaultyAcknowledgement): FaultyTurn {
    return new FaultyTurn({ ...this.#plan, acknowledged });
  }

  /** The turn ends without any usage update. */
  withoutUsage(): FaultyTurn {
    return new FaultyTurn({ ...this.#plan, withoutUsage: true });
  }

  /** The turn as plain JSON; what is in it may change with any version of this package. */
  toJSON(): object {
    return this.plan;
  }

  /** The turn as a script has it. @internal */
  get plan(): FaultyTurnPlan {
    return structuredClone(this.#plan);
  }

  /** @internal */
  protected add(step: FaultyStep): FaultyTurn {
    return new FaultyTurn({ ...this.#plan, steps: [...this.#plan.steps, step] });
  }
}
