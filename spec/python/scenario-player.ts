import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  Codex,
  JsonObject,
  StreamOptions,
  Thread,
  Turn,
  TurnEvent,
  TurnInput,
  TurnResult,
} from '../../lib/index.js';
import { fixtures } from './fixture-folder.js';
import { leftOutOptions, replayEnds } from './known-differences.js';
import type { ScenarioModelScript } from './scenario-model.js';

/** One step of a scenario, as `scenario.json` has it. */
export interface ScenarioStep {
  readonly do: string;
  readonly client?: string;
  readonly thread?: string;
  readonly threadId?: string;
  readonly turn?: string;
  readonly gate?: string;
  readonly input?: TurnInput;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** A scenario, which both clients play. */
export interface Scenario {
  /** The folder it is kept in. */
  readonly name: string;
  readonly title: string;
  readonly model: ScenarioModelScript;
  readonly files?: Readonly<Record<string, string>>;
  readonly steps: readonly ScenarioStep[];
}

/** What a step gave with our client. */
export interface Outcome {
  readonly step: number;
  readonly do: string;
  readonly threadId?: string;
  readonly result?: TurnResult;
  readonly text?: string;
  readonly steered?: string;
  readonly error?: unknown;
}

/** What a {@link ScenarioPlayer} works on: the real codex-rs with a scripted model, or a replayed transcript. */
export interface Stage {
  /** A client that is a process of its own. */
  client(name: string): Codex;
  /** The directory that the scenario calls `/home/user/project`. */
  readonly project: string;
  /** Whether steps that the library has no method for may be left out: a transcript goes on without them. */
  readonly mayLeaveOut: boolean;
  awaitGate(name: string): Promise<void>;
  openGate(name: string): void;
  kill(name: string): Promise<void>;
}

/** Steps that the library has no method for yet; the first ones change nothing that a later step could see. */
export const unplayable = {
  harmless: ['read', 'list', 'setName'],
  others: ['archive', 'unarchive', 'compact', 'revert', 'fork'],
} as const;

/** The scenario of a fixture. */
export function scenarioNamed(name: string): Scenario {
  const json = JSON.parse(readFileSync(join(fixtures, name, 'scenario.json'), 'utf8')) as object;
  return { ...json, name } as Scenario;
}

/** Plays a scenario with our client, step by step as the harvester does with the Python client. */
export class ScenarioPlayer {
  readonly #scenario: Scenario;
  readonly #stage: Stage;
  readonly #clients = new Map<string, Codex>();
  readonly #threads = new Map<string, Thread>();
  readonly #turns = new Map<string, RunningTurn>();

  constructor(scenario: Scenario, stage: Stage) {
    this.#scenario = scenario;
    this.#stage = stage;
  }

  /** The outcomes up to the end, or to the first step that cannot be played. */
  async play(): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    try {
      for (const [index, step] of this.#scenario.steps.entries()) {
        if (isIn(unplayable.harmless, step.do)) continue;
        if (isIn(unplayable.others, step.do)) {
          if (this.#stage.mayLeaveOut && step.do !== 'fork') continue;
          break;
        }
        outcomes.push({ step: index, do: step.do, ...(await this.#play(step)) });
        if (this.#endsAt(index)) break;
      }
    } finally {
      for (const codex of this.#clients.values()) await codex.close();
    }
    return outcomes;
  }

  #endsAt(index: number): boolean {
    const { name } = this.#scenario;
    return (
      this.#stage.mayLeaveOut &&
      replayEnds.some(({ scenario, step }) => scenario === name && step === index)
    );
  }

  async #play(step: ScenarioStep): Promise<Partial<Outcome>> {
    const { threadId } = step;
    try {
      const outcome = await this.#perform(step);
      return { ...this.#about(step), ...outcome };
    } catch (error) {
      return { ...(threadId === undefined ? this.#about(step) : { threadId }), error };
    }
  }

  #about({ thread = '' }: ScenarioStep): Partial<Outcome> {
    const threadId = this.#threads.get(thread)?.threadId ?? null;
    return threadId === null ? {} : { threadId };
  }

  async #perform(step: ScenarioStep): Promise<Partial<Outcome>> {
    switch (step.do) {
      case 'start':
        return this.#open(step, this.#client(step).startThread(this.#options(step)));
      case 'resume':
        return this.#resume(step);
      case 'run':
        return {
          result: await this.#thread(step).run(this.#input(step), this.#turnOptions(step)),
        };
      case 'turn':
        return this.#begin(step);
      case 'stream':
        return { text: await this.#turn(step).text() };
      case 'finish':
        return { result: await this.#turn(step).turn.result() };
      case 'steer':
        return { steered: (await this.#turn(step).turn.steer(this.#input(step))).status };
      case 'interrupt':
        await this.#turn(step).turn.interrupt();
        return {};
      default:
        return this.#stageStep(step);
    }
  }

  async #stageStep(step: ScenarioStep): Promise<Partial<Outcome>> {
    switch (step.do) {
      case 'awaitGate':
        await this.#stage.awaitGate(step.gate ?? '');
        // The model has said something; wait until our client has heard it.
        await [...this.#turns.values()].at(-1)?.heard;
        return {};
      case 'openGate':
        this.#stage.openGate(step.gate ?? '');
        return {};
      case 'close':
        await this.#client(step).close();
        return {};
      case 'kill':
        await this.#stage.kill(step.client ?? '');
        return {};
      default:
        throw new Error(`Nobody has taught this player the step ${step.do}.`);
    }
  }

  /** The Python client starts and loads threads at once, ours with their first turn: opening makes both comparable. */
  async #open(step: ScenarioStep, thread: Thread): Promise<Partial<Outcome>> {
    await thread.open();
    this.#threads.set(step.thread ?? '', thread);
    return {};
  }

  async #resume(step: ScenarioStep): Promise<Partial<Outcome>> {
    const threadId = step.threadId ?? this.#thread(step).threadId ?? '';
    // Our resume never asks for the turns.
    const given = Object.entries(this.#options(step)).filter(([name]) => name !== 'include_turns');
    return this.#open(step, await this.#client(step).resumeThread(threadId, given));
  }

  async #begin(step: ScenarioStep): Promise<Partial<Outcome>> {
    const running = new RunningTurn(
      this.#thread(step).runStreamed(this.#input(step), this.#turnOptions(step)),
    );
    this.#turns.set(step.turn ?? '', running);
    await running.started;
    return {};
  }

  #client({ client = 'first' }: ScenarioStep): Codex {
    const codex = this.#clients.get(client) ?? this.#stage.client(client);
    this.#clients.set(client, codex);
    return codex;
  }

  #thread({ thread = '' }: ScenarioStep): Thread {
    const known = this.#threads.get(thread);
    if (known === undefined) throw new Error(`No step opened the thread ${thread}.`);
    return known;
  }

  /** The options of one turn; those that our turns do not take are left out. */
  #turnOptions(step: ScenarioStep): StreamOptions {
    const leftOut = leftOutOptions
      .filter(({ scenarios }) => scenarios?.includes(this.#scenario.name) ?? true)
      .map(({ option }) => option);
    const options: [string, unknown][] = [];
    let outputSchema: JsonObject | undefined;
    for (const [name, value] of Object.entries(this.#options(step)))
      if (name === 'output_schema') outputSchema = value as JsonObject;
      else if (name === 'turn_service_tier') options.push(['serviceTier', value]);
      else if (!isIn(leftOut, name)) options.push([name, value]);
    return outputSchema === undefined ? { options } : { options, outputSchema };
  }

  #turn({ turn = '' }: ScenarioStep): RunningTurn {
    const running = this.#turns.get(turn);
    if (running === undefined) throw new Error(`No step began the turn ${turn}.`);
    return running;
  }

  #options({ options = {} }: ScenarioStep): Readonly<Record<string, unknown>> {
    return this.#placed(options) as Readonly<Record<string, unknown>>;
  }

  #input({ input = '' }: ScenarioStep): TurnInput {
    return this.#placed(input) as TurnInput;
  }

  #placed(value: unknown): unknown {
    const text = JSON.stringify(value).replaceAll('/home/user/project', this.#stage.project);
    return JSON.parse(text);
  }
}

/** A turn whose events are read in the background. */
class RunningTurn {
  readonly turn: Turn;
  /** Settles with the first event. */
  readonly started: Promise<void>;
  /** Settles with the first text. */
  readonly heard: Promise<void>;
  readonly #events: TurnEvent[] = [];
  readonly #read: Promise<void>;

  constructor(turn: Turn) {
    this.turn = turn;
    let start: () => void = () => undefined;
    let hear: () => void = () => undefined;
    this.started = new Promise((resolve) => (start = resolve));
    this.heard = new Promise((resolve) => (hear = resolve));
    this.#read = this.#readAll(start, hear);
    this.#read.catch(() => undefined);
  }

  /** All the text, once the turn is over. */
  async text(): Promise<string> {
    await this.#read;
    return this.#events.map((event) => (event.type === 'text.delta' ? event.text : '')).join('');
  }

  async #readAll(start: () => void, hear: () => void): Promise<void> {
    for await (const event of this.turn) {
      this.#events.push(event);
      start();
      if (event.type === 'text.delta') hear();
    }
  }
}

function isIn(names: readonly string[], name: string): boolean {
  return names.includes(name);
}
