import type { UserInput } from '../protocol/index.js';
import type { FaultyStep, FaultyTurnError, FaultyTurnPlan } from './faulty-step.js';
import type { FaultySession } from './faulty-session.js';
import { FaultyItemSteps } from './faulty-item-steps.js';
import type { FaultyThread } from './faulty-thread.js';
import { FaultyToolSteps } from './faulty-tool-steps.js';
import type { FaultyTurnControl } from './faulty-turn-control.js';
import { FaultyTurnStage } from './faulty-turn-stage.js';

/** What a turn is begun with. @internal */
export interface FaultyTurnBeginning {
  readonly plan: FaultyTurnPlan;
  readonly input: readonly UserInput[];
  readonly clientId: string | null;
  readonly rootTurnId?: string | null;
  /** False for turns that no user began. Defaults to `true`. */
  readonly hasUserMessage?: boolean;
}

/** Plays one turn step by step, and lets it be steered and interrupted. @internal */
export class FaultyTurnPlayer implements FaultyTurnControl {
  readonly session: FaultySession;
  readonly thread: FaultyThread;
  readonly stage: FaultyTurnStage;
  readonly #beginning: FaultyTurnBeginning;
  readonly #interrupted = deferred();
  readonly #onInterrupt = { before: new Set<() => void>(), after: new Set<() => void>() };
  readonly #onEnd: (() => void)[] = [];
  readonly #steers: Pick<FaultyTurnBeginning, 'input' | 'clientId'>[] = [];
  /** @inheritDoc */
  steerCount = 0;
  #steered = deferred();
  #acknowledge = doNothing;
  #state: 'starting' | 'running' | 'over' = 'starting';
  #isAbandoned = false;
  #isInTool = false;

  constructor(session: FaultySession, thread: FaultyThread, beginning: FaultyTurnBeginning) {
    this.session = session;
    this.thread = thread;
    this.stage = new FaultyTurnStage(session, thread, beginning.rootTurnId ?? null);
    this.#beginning = beginning;
  }

  /** Its id. */
  get turnId(): string {
    return this.stage.turn.id;
  }

  /** Plays it to its end; `acknowledge` sends the reply to `turn/start`. */
  async play(acknowledge: () => void): Promise<void> {
    this.#acknowledge = acknowledge;
    if (this.#acknowledgedAt === 'first') acknowledge();
    try {
      await this.#next();
      this.#begin();
      const { plan, input, clientId, hasUserMessage = true } = this.#beginning;
      if (hasUserMessage) this.stage.userMessage(input, clientId);
      for (const step of plan.steps) {
        await this.#next();
        await this.#step(step);
      }
      await this.#next();
      this.#complete();
    } catch (error) {
      if (!(error instanceof Abandoned)) throw error;
    }
  }

  /** What a user says meanwhile: it appears at once while the model speaks, else when the tool is done. */
  steer(input: readonly UserInput[], clientId: string | null): void {
    this.#steers.push({ input, clientId });
    if (this.#state !== 'running' || this.#isInTool) return;
    this.steerCount += 1;
    this.#showSteers();
    this.#steered.resolve();
    this.#steered = deferred();
  }

  /** Cuts it off. */
  interrupt(): void {
    if (this.#state === 'over') return;
    this.#begin();
    this.#isAbandoned = true;
    for (const callback of this.#onInterrupt.before) callback();
    this.#end(() => {
      this.stage.interrupted();
    });
    for (const callback of this.#onInterrupt.after) callback();
    this.#interrupted.resolve();
  }

  /** @inheritDoc */
  async pause<T>(promise: Promise<T>): Promise<T> {
    const outcome = await Promise.race([promise, this.#interrupted.promise]);
    if (this.#isAbandoned || this.session.wire.isSilent) throw new Abandoned();
    return outcome as T;
  }

  /** @inheritDoc */
  async playOn(thread: FaultyThread, plan: FaultyTurnPlan): Promise<void> {
    const text = plan.input ?? 'Do your part.';
    const input: UserInput[] = [{ type: 'text', text, text_elements: [] }];
    const { rootTurnId } = this.stage.turn;
    const beginning = { plan, input, clientId: null, rootTurnId };
    const player = new FaultyTurnPlayer(this.session, thread, beginning);
    thread.activeTurn = player;
    return player.play(doNothing);
  }

  /** @inheritDoc */
  interruptNow(): never {
    this.interrupt();
    throw new Abandoned();
  }

  /** @inheritDoc */
  onInterrupt(when: 'before' | 'after', callback: () => void): () => void {
    this.#onInterrupt[when].add(callback);
    return () => {
      this.#onInterrupt[when].delete(callback);
    };
  }

  /** @inheritDoc */
  onEnd(callback: () => void): void {
    this.#onEnd.push(callback);
  }

  get #acknowledgedAt(): FaultyTurnPlan['acknowledged'] {
    return this.#beginning.plan.acknowledged ?? 'first';
  }

  /** Lets others have their turn, and what was said meanwhile be heard. */
  async #next(): Promise<void> {
    await this.pause(Promise.resolve());
    if (this.#state === 'running') this.#showSteers();
  }

  #begin(): void {
    if (this.#state !== 'starting') return;
    this.#state = 'running';
    this.stage.begin();
    if (this.#acknowledgedAt === 'afterStarted') this.#acknowledge();
  }

  #showSteers(): void {
    for (const { input, clientId } of this.#steers.splice(0))
      this.stage.userMessage(input, clientId);
  }

  async #step(step: FaultyStep): Promise<void> {
    switch (step.type) {
      case 'message':
      case 'reasoning':
      case 'item':
      case 'unknownItem':
      case 'subAgent':
        return new FaultyItemSteps(this).play(step);
      case 'command':
      case 'fileChange':
      case 'toolCall':
      case 'request':
        return this.#inTool(async () => new FaultyToolSteps(this).play(step));
      case 'usage':
        this.stage.usage(step.usage);
        return;
      case 'retry':
        this.stage.retries(step);
        return;
      case 'silence':
        return this.pause(this.#steered.promise);
      case 'fail':
        this.#fail(step);
        return;
      case 'interrupt':
        return this.interruptNow();
      case 'complete':
        this.#complete();
        return;
      case 'waitFor':
        return this.#waitFor(step.gate);
      default:
        this.session.wire.perform(step);
    }
  }

  async #waitFor(gate: string): Promise<void> {
    const { world } = this.session;
    world.reachGate(gate);
    await this.pause(world.until(() => world.isGateOpen(gate) || undefined));
  }

  async #inTool(play: () => Promise<void>): Promise<void> {
    this.#isInTool = true;
    try {
      await play();
    } finally {
      this.#isInTool = false;
    }
  }

  #complete(): void {
    if (this.#state === 'over') return;
    const { withoutUsage = false, steps } = this.#beginning.plan;
    if (!withoutUsage && !steps.some((step) => step.type === 'usage')) this.stage.usage();
    this.#end(() => {
      this.stage.complete();
    });
  }

  #fail(error: FaultyTurnError): void {
    if (this.#state !== 'over')
      this.#end(() => {
        this.stage.fail(error);
      });
  }

  #end(announce: () => void): void {
    this.#state = 'over';
    this.thread.activeTurn = null;
    announce();
    if (this.#acknowledgedAt === 'afterCompleted') this.#acknowledge();
    for (const callback of this.#onEnd) callback();
    if (!this.thread.isSubscribed) this.thread.close();
  }
}

/** Unwinds the steps of a turn that was interrupted, or whose server is gone. */
class Abandoned extends Error {}

interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function deferred(): Deferred {
  let resolve = doNothing;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

function doNothing(): void {
  // Replaced before it is ever needed.
}
