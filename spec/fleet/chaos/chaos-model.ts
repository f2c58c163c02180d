import { ScriptedModel, ScriptedReply, type ScriptedRequest } from '../../../lib/testing/index.js';

/** The input of a turn in the chaos test, and its command. */
export interface ChaosTurn {
  readonly thread: string;
  readonly number: number;
}

/** One request to the model, as it arrived. */
export interface ModelCall extends ChaosTurn {
  /** The worker whose codex-rs made it. */
  readonly worker: string;
  /** 1 requests a command, 2 has its output. */
  readonly step: number;
  readonly at: number;
  /** All user messages. */
  readonly said: readonly string[];
  /** All answers of the model. */
  readonly answered: readonly string[];
  /** Other messages in the history with the role of the user. */
  readonly other: readonly string[];
}

/** The speed of the model. */
interface WritingSpeed {
  /** The time for each word. */
  readonly wordMs: number;
}

/** The input of a turn. */
export function inputOf({ thread, number }: ChaosTurn): string {
  return `Do ${thread} number ${number}`;
}

/** The answer to a turn. */
export function answerOf({ thread, number }: ChaosTurn): string {
  return `Done ${thread} number ${number}`;
}

const key = 'chaos-key-';

/** The key of a worker, by which the model identifies it. */
export function keyOf(worker: string): string {
  return `${key}${worker}`;
}

/** Answers each turn with a command and a text in pieces, and records its requests. */
export class ChaosModel {
  readonly #model: ScriptedModel;
  readonly #calls: ModelCall[] = [];
  readonly #command: (turn: ChaosTurn) => string;
  readonly #wordMs: number;

  private constructor(
    model: ScriptedModel,
    command: (turn: ChaosTurn) => string,
    { wordMs }: WritingSpeed,
  ) {
    this.#model = model;
    this.#command = command;
    this.#wordMs = wordMs;
  }

  /** `command` is the command that the model runs in a turn. */
  static async start(
    command: (turn: ChaosTurn) => string,
    speed: WritingSpeed = { wordMs: 120 },
  ): Promise<ChaosModel> {
    const model = await ScriptedModel.start();
    const chaos = new ChaosModel(model, command, speed);
    model.otherwise((request) => chaos.#answer(request));
    return chaos;
  }

  get baseUrl(): string {
    return this.#model.baseUrl;
  }

  get calls(): readonly ModelCall[] {
    return this.#calls;
  }

  /** Requests that do not belong to a turn. */
  get strange(): readonly string[] {
    return this.#model.unexpectedRequests.map(({ target, reason }) => `${target}: ${reason}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#model.close();
  }

  #answer(request: ScriptedRequest): ScriptedReply {
    const call = callOf(request);
    this.#calls.push(call);
    if (call.step === 1) return ScriptedReply.delay(100).shellCommand(this.#command(call));
    const words = answerOf(call).match(/\S+\s*/g) ?? [];
    return words.reduce(
      (reply, word) => reply.deltas(word).delay(this.#wordMs),
      ScriptedReply.empty(),
    );
  }
}

function callOf(request: ScriptedRequest): ModelCall {
  const isInput = (text: string): boolean => text.startsWith('Do ');
  const said = request.userTexts.filter(isInput);
  const [, thread = '', number = ''] = /^Do (\S+) number (\d+)$/.exec(said.at(-1) ?? '') ?? [];
  if (thread === '') throw new Error(`no turn of the chaos: ${request.userTexts.join(' | ')}`);
  return {
    thread,
    number: Number(number),
    worker: String(request.headers.authorization).split(key).at(-1) ?? '',
    step: hasOutput(request) ? 2 : 1,
    at: Date.now(),
    said,
    answered: request.assistantTexts,
    other: request.userTexts.filter((text) => !isInput(text)),
  };
}

/** Whether the latest turn has run its command. */
function hasOutput({ body }: ScriptedRequest): boolean {
  const { input } = body;
  if (!Array.isArray(input)) return false;
  const items = input as readonly { readonly type?: string; readonly role?: string }[];
  const lastInput = items.findLastIndex(({ role }) => role === 'user');
  return items.slice(lastInput).some(({ type }) => type === 'function_call_output');
}
