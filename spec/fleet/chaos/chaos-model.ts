import { ScriptedModel, ScriptedReply, type ScriptedRequest } from '../../../lib/testing/index.js';

/** What a turn of the chaos says to the model, and what it does. */
export interface ChaosTurn {
  readonly thread: string;
  readonly number: number;
}

/** One request to the model, as it arrived. */
export interface ModelCall extends ChaosTurn {
  /** The worker whose codex-rs made it. */
  readonly worker: string;
  /** 1 asks for a command, 2 has its output. */
  readonly step: number;
  readonly at: number;
  /** All that users have said. */
  readonly said: readonly string[];
  /** All that the model has answered. */
  readonly answered: readonly string[];
  /** What else stands in the history as if a user had said it. */
  readonly other: readonly string[];
}

/** How fast the model writes. */
interface WritingSpeed {
  /** The time that each word takes. */
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

/** What a worker passes as its key, so that the model knows it. */
export function keyOf(worker: string): string {
  return `${key}${worker}`;
}

/** Answers each turn by a command and a text in pieces, and keeps what it was sent. */
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

  /** `command` is what the model has run in a turn. */
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

  /** Requests that were none of a turn. */
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

/** Whether the newest turn has run its command. */
function hasOutput({ body }: ScriptedRequest): boolean {
  const { input } = body;
  if (!Array.isArray(input)) return false;
  const items = input as readonly { readonly type?: string; readonly role?: string }[];
  const lastInput = items.findLastIndex(({ role }) => role === 'user');
  return items.slice(lastInput).some(({ type }) => type === 'function_call_output');
}
