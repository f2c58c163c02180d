import type { ScriptedReply } from './scripted-reply.js';
import type { ScriptedRequest } from './scripted-request.js';

/** A reply, or a function that makes one from the request it answers. */
export type ScriptedAnswer = ScriptedReply | ((request: ScriptedRequest) => ScriptedReply);

/** Decides which reply answers a request: the first rule that matches, else the queue, else the default. @internal */
export class ScriptedModelScript {
  readonly #queue: ScriptedAnswer[] = [];
  #rules: readonly ScriptedRule[] = [];
  #otherwise: ScriptedAnswer | null = null;

  get queued(): number {
    return this.#queue.length;
  }

  append(answers: readonly ScriptedAnswer[]): void {
    this.#queue.push(...answers);
  }

  addRule(rule: ScriptedRule): void {
    this.#rules = [...this.#rules, rule];
  }

  setDefault(answer: ScriptedAnswer): void {
    this.#otherwise = answer;
  }

  /** The reply, or null when the script has none; errors of the script's own functions pass through. */
  choose(request: ScriptedRequest): ScriptedReply | null {
    const rule = this.#rules.find(({ matches }) => matches(request));
    if (rule?.isOnce === true) this.#rules = this.#rules.filter((other) => other !== rule);
    const answer = rule?.answer ?? this.#queue.shift() ?? this.#otherwise;
    return typeof answer === 'function' ? answer(request) : answer;
  }
}

/** A reply for the requests that a predicate picks. @internal */
export interface ScriptedRule {
  readonly matches: (request: ScriptedRequest) => boolean;
  readonly answer: ScriptedAnswer;
  readonly isOnce: boolean;
}
