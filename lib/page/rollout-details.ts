import { isRecord } from '../shapes.js';
import { breakdown, combine, type TurnUsage } from '../turn/usage.js';
import type { RecordedCall, RecordedSettings, TurnDetails } from './thread-export.js';

type Fields = Readonly<Record<string, unknown>>;

/** Lines of other types have no details and may be long. */
const useful =
  /^.{0,160}"type":"(?:turn_context|token_usage_record|response_item|event_msg|session_meta)"/s;

/** Collects details of the turns of a thread from the lines of rollout files, oldest line first. */
export class RolloutDetails {
  readonly #turns = new Map<string, Collected>();
  readonly #calls = new Map<string, { call: Draft<RecordedCall>; turnId: string }>();
  #turnId: string | null = null;
  #total: TurnUsage = breakdown({});
  #totalBefore: TurnUsage = this.#total;

  /** Reads one line. A line that is not JSON is still being written by codex-rs and is ignored. */
  accept(line: string): void {
    if (!useful.test(line)) return;
    const entry = parsed(line);
    const { payload } = entry;
    if (!isRecord(payload)) return;
    switch (entry.type) {
      case 'turn_context':
        this.#turnOf(payload).settings = settingsIn(payload);
        return;
      case 'token_usage_record':
        this.#turnOf(payload).usage = usageIn(payload.turn_token_usage);
        return;
      case 'event_msg':
        this.#acceptEvent(payload);
        return;
      case 'response_item':
        this.#acceptItem(payload, Date.parse(String(entry.timestamp)));
        return;
      default:
        return;
    }
  }

  /** Returns the details of the turns by turn id, without the calls that have an item with the same id. */
  finish(itemIds: ReadonlySet<string>): Readonly<Record<string, TurnDetails>> {
    for (const { call, turnId } of this.#calls.values())
      if (!itemIds.has(call.id)) this.#turn(turnId).calls.push(call);
    return Object.fromEntries(
      [...this.#turns].map(([id, { counted, ...details }]) => [
        id,
        { ...details, usage: details.usage ?? counted },
      ]),
    );
  }

  #acceptEvent(payload: Fields): void {
    if (payload.type === 'task_started' && typeof payload.turn_id === 'string') {
      this.#turnId = payload.turn_id;
      this.#totalBefore = this.#total;
      this.#turnOf(payload).contextWindow = numberIn(payload, 'model_context_window');
    }
    if (payload.type !== 'token_count' || !isRecord(payload.info) || this.#turnId === null) return;
    // Before 0.171, codex-rs recorded only the total of the thread.
    this.#total = usageIn(payload.info.total_token_usage) ?? this.#total;
    this.#turn(this.#turnId).counted = difference(this.#total, this.#totalBefore);
  }

  #acceptItem(payload: Fields, atMs: number): void {
    const { call_id: id, name, output } = payload;
    if (typeof id !== 'string') return;
    const isCall = payload.type === 'function_call' || payload.type === 'custom_tool_call';
    const turnId = turnIdIn(payload) ?? this.#turnId;
    if (isCall && typeof name === 'string' && turnId !== null)
      this.#calls.set(id, {
        turnId,
        call: {
          id,
          name,
          arguments: textOf(payload.arguments ?? payload.input),
          output: null,
          atMs: Number.isNaN(atMs) ? null : atMs,
        },
      });
    const made = this.#calls.get(id);
    if (output !== undefined && made !== undefined) made.call.output = textOf(output);
  }

  #turnOf(payload: Fields): Collected {
    const { turn_id: id } = payload;
    return this.#turn(typeof id === 'string' ? id : (this.#turnId ?? ''));
  }

  #turn(id: string): Collected {
    const known = this.#turns.get(id);
    if (known !== undefined) return known;
    const turn: Collected = {
      settings: null,
      usage: null,
      contextWindow: null,
      calls: [],
      counted: null,
    };
    this.#turns.set(id, turn);
    return turn;
  }
}

type Draft<T> = { -readonly [Key in keyof T]: T[Key] };

interface Collected extends Draft<Omit<TurnDetails, 'calls'>> {
  readonly calls: RecordedCall[];
  /** The increase of the thread's total during the turn. */
  counted: TurnUsage | null;
}

function parsed(line: string): Fields {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function settingsIn(payload: Fields): RecordedSettings {
  const { sandbox_policy: sandbox, collaboration_mode: mode } = payload;
  const inner = isRecord(mode) && isRecord(mode.settings) ? mode.settings : {};
  return {
    model: textIn(payload, 'model'),
    effort: textIn(payload, 'effort') ?? textIn(inner, 'reasoning_effort'),
    approvalPolicy: namedIn(payload.approval_policy),
    approvalsReviewer: namedIn(payload.approvals_reviewer),
    sandbox: isRecord(sandbox) ? textIn(sandbox, 'type') : namedIn(sandbox),
    workingDirectory: textIn(payload, 'cwd'),
  };
}

/** A setting is a word, or an object with one key. */
function namedIn(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return isRecord(value) ? (Object.keys(value)[0] ?? null) : null;
}

function textIn(fields: Fields, name: string): string | null {
  const value = fields[name];
  return typeof value === 'string' ? value : null;
}

function numberIn(fields: Fields, name: string): number | null {
  const value = fields[name];
  return typeof value === 'number' ? value : null;
}

function turnIdIn(payload: Fields): string | null {
  const { internal_chat_message_metadata_passthrough: metadata } = payload;
  return isRecord(metadata) ? textIn(metadata, 'turn_id') : null;
}

function textOf(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

function usageIn(value: unknown): TurnUsage | null {
  if (!isRecord(value)) return null;
  return breakdown({
    inputTokens: numberIn(value, 'input_tokens') ?? 0,
    cachedInputTokens: numberIn(value, 'cached_input_tokens') ?? 0,
    cacheWriteInputTokens: numberIn(value, 'cache_write_input_tokens') ?? 0,
    outputTokens: numberIn(value, 'output_tokens') ?? 0,
    reasoningOutputTokens: numberIn(value, 'reasoning_output_tokens') ?? 0,
    totalTokens: numberIn(value, 'total_tokens') ?? 0,
  });
}

/** Null if the total did not grow, such as after a compaction. */
function difference(after: TurnUsage, before: TurnUsage): TurnUsage | null {
  const growth = combine(after, before, (one, other) => Math.max(0, one - other));
  return growth.totalTokens === 0 ? null : growth;
}
