import { Gate, ScriptedModel, ScriptedReply } from '../../lib/testing/index.js';

/** One part of a scripted reply: the name of a `ScriptedReply` method and its arguments, or a named gate. */
export type ScenarioReplyPart = readonly [method: string, ...args: unknown[]];

/** The replies of the model, request by request. */
export interface ScenarioModelScript {
  readonly replies: readonly (readonly ScenarioReplyPart[])[];
}

/** The scripted model of one scenario: the same script answers the Python client and ours. */
export class ScenarioModel {
  readonly model: ScriptedModel;
  readonly #gates = new Map<string, Gate>();

  private constructor(model: ScriptedModel) {
    this.model = model;
  }

  static async start(script: ScenarioModelScript): Promise<ScenarioModel> {
    const scenario = new ScenarioModel(await ScriptedModel.start());
    scenario.model.reply(...script.replies.map((parts) => scenario.#reply(parts)));
    return scenario;
  }

  gate(name: string): Gate {
    let gate = this.#gates.get(name);
    if (gate === undefined) this.#gates.set(name, (gate = new Gate()));
    return gate;
  }

  /** The deviations from the scenario: requests without a reply, and unused replies. */
  get surprises(): string[] {
    const { unexpectedRequests, queuedReplies } = this.model;
    return [
      ...unexpectedRequests.map(({ target, reason }) => `${target}: ${reason}`),
      ...(queuedReplies === 0 ? [] : [`${queuedReplies} replies were not asked for`]),
    ];
  }

  async close(): Promise<void> {
    for (const gate of this.#gates.values()) gate.open();
    await this.model.close();
  }

  #reply(parts: readonly ScenarioReplyPart[]): ScriptedReply {
    let reply = ScriptedReply.empty();
    for (const [method, ...args] of parts) {
      if (method === 'gate') reply = reply.gate(this.gate(String(args[0])));
      else reply = scripted(reply, method, args);
    }
    return reply;
  }
}

function scripted(reply: ScriptedReply, method: string, args: readonly unknown[]): ScriptedReply {
  const part: unknown = Reflect.get(reply, method);
  if (typeof part !== 'function') throw new Error(`A scripted reply has no part named ${method}.`);
  return Reflect.apply(part, reply, args) as ScriptedReply;
}
