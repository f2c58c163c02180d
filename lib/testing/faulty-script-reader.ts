import { isAbsolute } from 'node:path';
import { ValidationError, type ValidationProblem } from '../errors.js';
import type {
  FaultyAction,
  FaultyNotificationAction,
  FaultyRequestAction,
} from './faulty-action.js';
import type { FaultyFault, FaultyScript } from './faulty-script.js';
import type { FaultyStep } from './faulty-step.js';
import { FaultyShape as S, type FaultyFields, type FaultyRule } from './faulty-shape.js';

const method = S.matching(/^\S+$/, 'a method name');
const gate = S.matching(/^[\w.-]{1,100}$/, 'a gate name of letters, digits, dots and dashes');
const positive = S.integer(1);
const bytes = S.integer(1);
const code = S.integer(-(2 ** 31));

const actionsAtOnce = {
  exit: { code: S.integer(0) },
  kill: {},
  garbage: { text: S.matching(/^[^\n]*$/, 'one line') },
  raw: { text: S.text },
  blankLines: { count: positive },
  hugeFrame: { bytes: S.integer(200) },
  floodStderr: { bytes },
  unknownNotification: {},
  unknownServerRequest: {},
  notify: { method, params: S.anything },
  closeStdout: {},
  stopReadingStdin: {},
  freeze: {},
};
const actions = {
  ...actionsAtOnce,
  waitFor: { gate },
} satisfies Record<FaultyAction['type'], FaultyFields>;

const requestActions = {
  ...actions,
  dropReply: {},
  stall: {},
  delayReply: { gate },
  replyTwice: {},
  replyOutOfOrder: {},
  reject: { code, message: S.text, data: S.optional(S.anything) },
  answer: { result: S.anything },
  addFields: {},
} satisfies Record<FaultyRequestAction['type'], FaultyFields>;

const notificationActions = {
  ...actionsAtOnce,
  drop: {},
  duplicate: {},
  hold: { gate },
  addFields: {},
} satisfies Record<FaultyNotificationAction['type'], FaultyFields>;

const texts = S.listOf(S.text);
const approval = S.optional(S.either(S.flag, S.record));
const turnError = {
  message: S.text,
  codexErrorInfo: S.optional(S.either(S.text, S.record)),
  additionalDetails: S.optional(S.text),
};
const usageFields = Object.fromEntries(
  [
    'totalTokens',
    'inputTokens',
    'cachedInputTokens',
    'cacheWriteInputTokens',
    'outputTokens',
    'reasoningOutputTokens',
  ].map((name) => [name, S.optional(S.integer(0))]),
);

// The rule of a turn refers to itself by way of its sub-agents.
const turn: FaultyRule = (value, path, problems) => {
  turnShape(value, path, problems);
};

const steps = {
  ...actions,
  message: {
    text: S.text,
    deltas: S.optional(texts),
    phase: S.optional(S.oneOf(['commentary', 'partial_answer', 'final_answer'])),
    completion: S.optional(S.oneOf(['normal', 'late', 'missing'])),
  },
  reasoning: { summary: texts, content: S.optional(texts) },
  command: {
    command: S.text,
    output: S.optional(texts),
    withoutDeltas: S.optional(S.flag),
    exitCode: S.optional(S.integer(-1)),
    approval,
    keepsRunning: S.optional(S.flag),
  },
  fileChange: { changes: S.listOf(S.record), approval },
  toolCall: { tool: S.text, namespace: S.optional(S.text), arguments: S.anything },
  item: { item: S.record, only: S.optional(S.oneOf(['started', 'completed'])) },
  unknownItem: {},
  usage: { usage: S.object(usageFields) },
  retry: turnError,
  request: { method, params: S.record, copies: S.optional(positive), resolvedBy: S.optional(gate) },
  subAgent: { turn, inBackground: S.optional(S.flag) },
  silence: {},
  fail: turnError,
  interrupt: {},
  complete: {},
} satisfies Record<FaultyStep['type'], FaultyFields>;

const generation = S.optional(positive);
const turnShape = S.object({
  steps: S.listOf(S.tagged(steps)),
  acknowledged: S.optional(S.oneOf(['first', 'afterStarted', 'afterCompleted'])),
  input: S.optional(S.text),
  times: S.optional(S.integer(0)),
  generation,
  withoutUsage: S.optional(S.flag),
});

const occurrence = {
  nth: S.optional(positive),
  times: S.optional(positive),
  generation,
  when: S.optional(S.oneOf(['before', 'after'])),
};
const requestFault = S.object({ request: method, ...occurrence, do: S.tagged(requestActions) });
const notificationFault = S.object({
  notification: method,
  ...occurrence,
  do: S.tagged(notificationActions),
});
const fault: FaultyRule = (value, path, problems) => {
  const isNotification = typeof value === 'object' && value !== null && 'notification' in value;
  (isNotification ? notificationFault : requestFault)(value, path, problems);
  const { when, do: action } = Object(value) as Partial<FaultyFault>;
  // What changes the message itself has no before and after.
  if (when === 'after' && action && !Object.hasOwn(actionsAtOnce, action.type))
    problems.push({ path: `${path}.when`, reason: `cannot be after for ${action.type}` });
};

const absolute: FaultyRule = (value, path, problems) => {
  if (typeof value !== 'string' || !isAbsolute(value))
    problems.push({ path, reason: `must be an absolute path, got ${JSON.stringify(value)}` });
};
const scriptShape = S.object({
  turns: S.optional(S.listOf(turn)),
  faults: S.optional(S.listOf(fault)),
  server: S.optional(
    S.object({
      ignoresSigterm: S.optional(S.flag),
      ignoresStdinEnd: S.optional(S.flag),
      splitsUtf8: S.optional(S.flag),
      addsFields: S.optional(S.flag),
      duplicatesNotifications: S.optional(S.flag),
      account: S.optional(S.anything),
      requiresOpenaiAuth: S.optional(S.flag),
      models: S.optional(S.listOf(S.record)),
      version: S.optional(S.text),
      lifetimeMs: S.optional(positive),
    }),
  ),
  directory: S.optional(absolute),
});

/** Turns JSON into a script, or says everything that is wrong with it. @internal */
export class FaultyScriptReader {
  /**
   * The value as a script.
   *
   * @throws ValidationError listing every unknown key, missing field and wrong value.
   */
  static read(value: unknown): FaultyScript {
    const problems: ValidationProblem[] = [];
    scriptShape(value, '', problems);
    if (problems.length > 0) throw new ValidationError('script of a faulty app-server', problems);
    return value as FaultyScript;
  }

  /**
   * The name of a gate.
   *
   * @throws ValidationError when it is not one.
   */
  static readGate(name: string): string {
    const problems: ValidationProblem[] = [];
    gate(name, '', problems);
    if (problems.length > 0) throw new ValidationError('gate name', problems);
    return name;
  }
}
