import type { ThreadItem } from '../protocol/index.js';
import { FaultyIds } from './faulty-ids.js';
import type { FaultyMessage, FaultyStep, FaultyTurnPlan } from './faulty-step.js';
import { FaultyThread } from './faulty-thread.js';
import type { FaultyTurnControl } from './faulty-turn-control.js';

type ItemStep = Extract<
  FaultyStep,
  { type: 'message' | 'reasoning' | 'item' | 'unknownItem' | 'subAgent' }
>;

/** The steps of a turn in which the model says something by itself. @internal */
export class FaultyItemSteps {
  readonly #control: FaultyTurnControl;

  constructor(control: FaultyTurnControl) {
    this.#control = control;
  }

  /** Plays one. */
  async play(step: ItemStep): Promise<void> {
    const { stage } = this.#control;
    switch (step.type) {
      case 'message':
        return this.#message(step);
      case 'reasoning':
        return this.#reasoning(step.summary, step.content ?? []);
      case 'item':
        if (step.only !== 'completed') stage.started(step.item);
        if (step.only !== 'started') stage.completed(step.item);
        return;
      case 'unknownItem':
        stage.completed(stage.started(unknownItem()));
        return;
      case 'subAgent':
        return this.#subAgent(step.turn, step.inBackground ?? false);
    }
  }

  async #message(message: FaultyMessage): Promise<void> {
    const { stage } = this.#control;
    const item = stage.started(agentMessage(message));
    const steers = this.#control.steerCount;
    for (const delta of message.deltas ?? halves(message.text)) {
      stage.say('item/agentMessage/delta', { itemId: item.id, delta });
      await this.#control.pause(Promise.resolve());
      // A steer begins a new model request: what the old one was saying is never completed.
      if (this.#control.steerCount !== steers) return;
    }
    const complete = (): void => {
      stage.completed({ ...item, text: message.text });
    };
    if (message.completion === 'late') this.#control.onEnd(complete);
    else if (message.completion !== 'missing') complete();
  }

  async #reasoning(summary: readonly string[], content: readonly string[]): Promise<void> {
    const { stage } = this.#control;
    const item: ThreadItem = { type: 'reasoning', id: newId('rs'), summary: [], content: [] };
    const started = stage.started(item);
    for (const [summaryIndex, delta] of summary.entries()) {
      stage.say('item/reasoning/summaryPartAdded', { itemId: item.id, summaryIndex });
      stage.say('item/reasoning/summaryTextDelta', { itemId: item.id, delta, summaryIndex });
      await this.#control.pause(Promise.resolve());
    }
    for (const [contentIndex, delta] of content.entries())
      stage.say('item/reasoning/textDelta', { itemId: item.id, delta, contentIndex });
    stage.completed({ ...started, summary: [...summary], content: [...content] });
  }

  async #subAgent(plan: FaultyTurnPlan, inBackground: boolean): Promise<void> {
    const { session, stage, thread } = this.#control;
    const child = FaultyThread.created(session, { parentThreadId: thread.id });
    session.threads.set(child.id, child);
    session.world.lock(child.id, session.generation);
    const said = (kind: 'started' | 'completed'): void => {
      stage.completed(stage.started(subAgentActivity(child.id, kind)));
    };
    said('started');
    session.wire.notify('thread/started', { thread: child.view() });
    const played = this.#control.playOn(child, plan);
    if (inBackground) return;
    await this.#control.pause(played);
    said('completed');
  }
}

function agentMessage(message: FaultyMessage): Extract<ThreadItem, { type: 'agentMessage' }> {
  return {
    type: 'agentMessage',
    moderation: null,
    id: newId('msg'),
    text: '',
    phase: message.phase ?? null,
    memoryCitation: null,
    delivery: null,
    questions: null,
  };
}

function subAgentActivity(agentThreadId: string, kind: 'started' | 'completed'): ThreadItem {
  return {
    type: 'subAgentActivity',
    model: null,
    reasoningEffort: null,
    id: newId('agent'),
    kind,
    agentThreadId,
    agentPath: '/agents/child',
  };
}

/** The one value here that must not fit the protocol. */
function unknownItem(): ThreadItem {
  return {
    type: 'faultyUnknownItem',
    id: newId('unknown'),
    nested: { x: 1 },
  } as unknown as ThreadItem;
}

function halves(text: string): string[] {
  // By code points: a delta never ends within one.
  const points = Array.from(text);
  const middle = Math.ceil(points.length / 2);
  return [points.slice(0, middle).join(''), points.slice(middle).join('')].filter(Boolean);
}

function newId(prefix: string): string {
  return `${prefix}_${FaultyIds.next()}`;
}
