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
import { leftOutOptions, leftOutSteps } from './known-differences.js';
import type { ScenarioModelScript } from './scenario-model.js';

/** One step of a scenario in `scenario.json`. */
export interface ScenarioStep {
  readonly do: string;
  readonly client?: string;
  readonly thread?: string;
  readonly threadId?: string;
  readonly turn?: string;
  /** The name of a fork from this step on. */
  readonly as?: string;
  readonly beforeTurn?: string;
  readonly name?: string;
  readonly includeTurns?: boolean;
  readonly gate?: string;
  readonly input?: TurnInput;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** A scenario that both clients run. */
export interface Scenario {
  /** Its folder. */
  readonly name: string;
  readonly title: string;
  readonly model: ScenarioModelScript;
  readonly files?: Readonly<Record<string, string>>;
  readonly steps: readonly ScenarioStep[];
}

/** The result of a step with our client. */
export interface Outcome {
  readonly step: number;
  readonly do: string;
  readonly threadId?: string;
  readonly result?: TurnResult<unknown>;
  readonly text?: string;
  readonly steered?: string;
  readonly forkId?: string;
  /** The data read from the thread with this name. */
  readonly read?: { readonly thread: string; readonly json: unknown };
  readonly listed?: readonly unknown[];
  readonly error?: unknown;
}

/** The backend of a {@link ScenarioPlayer}: the real codex-rs with a scripted model, or a replayed transcript. */
export interface Stage {
  /** A client with its own process. */
  client(name: string): Codex;
  /** The directory named `/home/user/project` in the scenario. */
  readonly project: string;
  awaitGate(name: string): Promise<void>;
  openGate(name: string): void;
  kill(name: string): Promise<void>;
}

/** The scenario of a fixture. */
export function scenarioNamed(name: string): Scenario {
  const json = JSON.parse(readFileSync(join(fixtures, name, 'scenario.json'), 'utf8')) as object;
  return { ...json, name } as Scenario;
}

/** Runs a scenario with our client, step by step, as the harvester does with the Python client. */
export class ScenarioPlayer {
  readonly #scenario: Scenario;
  readonly #stage: Stage;
  readonly #clients = new Map<string, Codex>();
  readonly #threads = new Map<string, Thread>();
  readonly #turns = new Map<string, RunningTurn>();
  readonly #turnIds = new Map<string, string>();

  constructor(scenario: Scenario, stage: Stage) {
    this.#scenario = scenario;
    this.#stage = stage;
  }

  /** The outcome of every step that our client runs. */
  async play(): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    try {
      for (const [index, step] of this.#scenario.steps.entries()) {
        if (this.#isLeftOut(index)) continue;
        outcomes.push({ step: index, do: step.do, ...(await this.#play(step)) });
      }
    } finally {
      for (const codex of this.#clients.values()) await codex.close();
    }
    return outcomes;
  }

  #isLeftOut(index: number): boolean {
    const { name } = this.#scenario;
    return leftOutSteps.some(({ scenario, step }) => scenario === name && step === index);
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
        return this.#run(step);
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
        return this.#lifecycleStep(step);
    }
  }

  async #lifecycleStep(step: ScenarioStep): Promise<Partial<Outcome>> {
    switch (step.do) {
      case 'fork':
        return this.#fork(step);
      case 'archive':
        await this.#client(step).archiveThread(this.#threadId(step));
        return {};
      case 'unarchive':
        await this.#client(step).unarchiveThread(this.#threadId(step));
        return {};
      case 'compact':
        await this.#thread(step).compact();
        return {};
      case 'revert':
        await this.#thread(step).revert({
          before: this.#turnIds.get(step.beforeTurn ?? '') ?? '',
        });
        return {};
      case 'setName':
        await this.#thread(step).setName(step.name ?? '');
        return {};
      case 'read':
        return this.#read(step);
      case 'list':
        return this.#list(step);
      default:
        return this.#stageStep(step);
    }
  }

  async #stageStep(step: ScenarioStep): Promise<Partial<Outcome>> {
    switch (step.do) {
      case 'awaitGate':
        await this.#stage.awaitGate(step.gate ?? '');
        // The model has sent text: waits until our client has received it.
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
        throw new Error(`This player does not support the step ${step.do}.`);
    }
  }

  /** The Python client starts and loads threads at once, ours with their first turn: opening makes both comparable. */
  async #open(step: ScenarioStep, thread: Thread): Promise<Partial<Outcome>> {
    await thread.open();
    this.#threads.set(step.thread ?? '', thread);
    return {};
  }

  async #resume(step: ScenarioStep): Promise<Partial<Outcome>> {
    const threadId = step.threadId ?? this.#threadId(step);
    // From this step on, even a thread that is not resumed can be read by its id.
    this.#threads.set(step.thread ?? '', this.#client(step).thread().existing(threadId));
    const given = this.#optionsWithoutTurns(step);
    return this.#open(step, await this.#client(step).resumeThread(threadId, given));
  }

  async #run(step: ScenarioStep): Promise<Partial<Outcome>> {
    const result = await this.#thread(step).run(this.#input(step), this.#turnOptions(step));
    if (step.turn !== undefined) this.#turnIds.set(step.turn, result.turnId);
    return { result };
  }

  async #fork(step: ScenarioStep): Promise<Partial<Outcome>> {
    const given = this.#optionsWithoutTurns(step);
    const fork = await this.#client(step).forkThread(this.#threadId(step), given);
    this.#threads.set(step.as ?? '', fork);
    return { forkId: await fork.open() };
  }

  async #read(step: ScenarioStep): Promise<Partial<Outcome>> {
    const { client, thread = '', includeTurns = false } = step;
    const threadId = this.#threadId(step);
    // Another client reads by the id alone; its own thread value would add nothing here.
    const reader =
      client === undefined ? this.#thread(step) : this.#client(step).thread().existing(threadId);
    const metadata = await reader.read({ includeTurns });
    return { read: { thread, json: metadata.toJSON() } };
  }

  /** Python returns one page, ours iterates over all of them: the comparison covers the size of the page. */
  async #list(step: ScenarioStep): Promise<Partial<Outcome>> {
    const { limit = Infinity, ...filter } = this.#options(step);
    const listed: unknown[] = [];
    for await (const thread of this.#client(step).listThreads(filter)) {
      listed.push(thread.toJSON());
      if (listed.length === limit) break;
    }
    return { listed };
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

  #threadId(step: ScenarioStep): string {
    return this.#thread(step).threadId ?? '';
  }

  /** Our resume and fork never request the turns. */
  #optionsWithoutTurns(step: ScenarioStep): [string, unknown][] {
    return Object.entries(this.#options(step)).filter(([name]) => name !== 'include_turns');
  }

  /** The options of one turn, without those that our turns do not support. */
  #turnOptions(step: ScenarioStep): StreamOptions {
    const leftOut = leftOutOptions
      .filter(({ scenarios }) => scenarios?.includes(this.#scenario.name) ?? true)
      .map(({ option }) => option);
    const options: [string, unknown][] = [];
    let outputSchema: JsonObject | undefined;
    let source: string | undefined;
    for (const [name, value] of Object.entries(this.#options(step)))
      if (name === 'output_schema') outputSchema = value as JsonObject;
      else if (name === 'source') source = value as string;
      else if (name === 'turn_service_tier') options.push(['serviceTier', value]);
      else if (!isIn(leftOut, name)) options.push([name, value]);
    return {
      options,
      ...(outputSchema === undefined ? {} : { outputSchema }),
      ...(source === undefined ? {} : { source }),
    };
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
  readonly turn: Turn<unknown>;
  /** Settles with the first event, or with the end. */
  readonly started: Promise<void>;
  /** Settles with the first text, or with the end. */
  readonly heard: Promise<void>;
  readonly #events: TurnEvent[] = [];
  readonly #read: Promise<void>;

  constructor(turn: Turn<unknown>) {
    this.turn = turn;
    let start: () => void = () => undefined;
    let hear: () => void = () => undefined;
    this.started = new Promise((resolve) => (start = resolve));
    this.heard = new Promise((resolve) => (hear = resolve));
    this.#read = this.#readAll(start, hear);
    // A turn that fails without any text settles too.
    const begun = (): void => {
      start();
      hear();
    };
    this.#read.then(begun, begun);
  }

  /** The complete text, once the turn has ended. */
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
