import type {
  ClientRequests,
  InitializeParams,
  InitializeResponse,
  JsonValue,
} from '../protocol/index.js';
import { isRecord } from '../shapes.js';
import { FaultyAccountCalls } from './faulty-account-calls.js';
import { FaultyHistoryCalls } from './faulty-history-calls.js';
import type { FaultyHost } from './faulty-host.js';
import { FaultyLibrary } from './faulty-library.js';
import { FaultyOccurrences } from './faulty-occurrences.js';
import { FaultyRefusal } from './faulty-refusal.js';
import { FaultyReplies } from './faulty-replies.js';
import { FaultyRequestRules } from './faulty-request-rules.js';
import type { FaultyRequestAction } from './faulty-action.js';
import type { FaultyRequestFault, FaultyScript } from './faulty-script.js';
import type { FaultyAnswer, FaultyCalls, FaultySession } from './faulty-session.js';
import { FaultyThreadCalls } from './faulty-thread-calls.js';
import { FaultyTurnCalls } from './faulty-turn-calls.js';
import { FaultyWire } from './faulty-wire.js';
import type { FaultyReceivedMessage, FaultyWorld } from './faulty-world.js';

/** What one running faulty app-server is made of. @internal */
export interface FaultyEngineProps {
  readonly script: FaultyScript;
  readonly world: FaultyWorld;
  readonly host: FaultyHost;
  readonly generation: number;
  readonly codexHome: string;
}

type Request = Required<Pick<FaultyReceivedMessage, 'id' | 'method'>> & FaultyReceivedMessage;

/** One running faulty app-server: takes the client's lines and does what the protocol and the script say. @internal */
export class FaultyEngine {
  readonly #session: FaultySession;
  readonly #host: FaultyHost;
  readonly #occurrences: FaultyOccurrences;
  readonly #replies: FaultyReplies;
  readonly #calls: FaultyCalls;
  #client: InitializeParams | null = null;

  constructor(props: FaultyEngineProps) {
    const { script, world, host, generation, codexHome } = props;
    const occurrences = new FaultyOccurrences(script, generation);
    const wire = new FaultyWire({ script, world, host, occurrences });
    const threads: FaultySession['threads'] = new Map();
    const session = { script, world, wire, generation, codexHome, threads, clientName: '' };
    const library = new FaultyLibrary(session);
    this.#session = session;
    this.#host = host;
    this.#occurrences = occurrences;
    this.#replies = new FaultyReplies(session);
    this.#calls = {
      initialize: (params) => this.#initialize(params),
      ...new FaultyAccountCalls(session).calls,
      ...new FaultyThreadCalls(session, library).calls,
      ...new FaultyHistoryCalls(session, library).calls,
      ...new FaultyTurnCalls(session, library).calls,
    };
  }

  /** One line of the client, without its line end. */
  receive(line: string): void {
    const { wire, world, generation } = this.#session;
    const message = parse(line);
    world.record({ generation, message, ...(message ? {} : { malformed: line }) });
    if (wire.isSilent) return;
    if (!message) {
      this.#host.writeError(`Failed to deserialize JSONRPCMessage: ${line.slice(0, 200)}\n`);
      return;
    }
    if (isRequest(message)) void this.#request(message);
    else if (message.method === undefined) wire.answered(message);
  }

  /** The orderly end: running turns are written down as interrupted, and writer locks are given back. */
  end(): void {
    const { threads, wire } = this.#session;
    // The client is told nothing of it.
    wire.isMuted = true;
    if (!wire.isSilent) for (const thread of threads.values()) thread.activeTurn?.interrupt();
    this.die();
  }

  /** The sudden end: nothing more is done or written down. Writer locks are freed, as the operating system would. */
  die(): void {
    this.#session.wire.isSilent = true;
    for (const thread of [...this.#session.threads.values()]) thread.unload();
  }

  async #request(request: Request): Promise<void> {
    const faults = this.#occurrences.ofRequest(request.method);
    for (const fault of faults)
      if (fault.when !== 'after') {
        if (fault.do.type === 'waitFor') await this.#waitFor(fault.do.gate);
        else this.#spoil(fault.do);
      }
    if (this.#session.wire.isSilent || isPresent('stall', faults)) return;
    const acknowledge = (reply: object): void => {
      this.#replies.send({ id: request.id, ...reply }, faults);
      for (const fault of faults) if (fault.when === 'after') this.#spoil(fault.do);
    };
    try {
      const answer = this.#answer(request, faults);
      const succeed = (): void => {
        acknowledge({ result: answer.result });
      };
      if (answer.perform) answer.perform(succeed);
      else succeed();
    } catch (error) {
      if (!(error instanceof FaultyRefusal)) throw error;
      const { code, message, data } = error;
      acknowledge({ error: { code, message, ...(data === undefined ? {} : { data }) } });
    }
  }

  async #waitFor(gate: string): Promise<void> {
    const { world } = this.#session;
    world.reachGate(gate);
    await world.until(() => world.isGateOpen(gate) || undefined);
  }

  #spoil(action: FaultyRequestAction): void {
    if (this.#session.wire.isSilent) return;
    switch (action.type) {
      case 'waitFor':
      case 'dropReply':
      case 'stall':
      case 'delayReply':
      case 'replyTwice':
      case 'replyOutOfOrder':
      case 'reject':
      case 'answer':
      case 'addFields':
        return;
      default:
        this.#session.wire.perform(action);
    }
  }

  #answer(request: Request, faults: readonly FaultyRequestFault[]): FaultyAnswer<unknown> {
    for (const { do: action } of faults) {
      if (action.type === 'answer') return { result: action.result };
      if (action.type === 'reject')
        throw new FaultyRefusal(action.message, action.code, action.data);
    }
    const { method, params } = request;
    if (!this.#client && method !== 'initialize') throw new FaultyRefusal('Not initialized');
    const call = this.#callOf(method);
    // codex-rs wants params even where there are none to give, with one exception.
    const given = method === 'account/logout' ? {} : params;
    FaultyRequestRules.requireFields(method, given);
    if (this.#client && !this.#client.capabilities?.experimentalApi)
      FaultyRequestRules.refuseExperimental(method, given);
    return call(given);
  }

  #callOf(method: string): (params: object) => FaultyAnswer<unknown> {
    const call = Object.hasOwn(this.#calls, method)
      ? this.#calls[method as keyof ClientRequests]
      : undefined;
    // What each call takes is what its method's own params are; a client is trusted that far.
    if (call) return call as (params: object) => FaultyAnswer<unknown>;
    const known = Object.keys(this.#calls).map((name) => `\`${name}\``);
    throw new FaultyRefusal(
      `Invalid request: unknown variant \`${method}\`, expected one of ${known.join(', ')}`,
    );
  }

  #initialize(params: InitializeParams): FaultyAnswer<InitializeResponse> {
    if (this.#client) throw new FaultyRefusal('Already initialized');
    this.#client = params;
    const { name, version } = params.clientInfo;
    this.#session.clientName = name;
    this.#session.wire.optedOut = new Set(params.capabilities?.optOutNotificationMethods);
    return {
      result: {
        userAgent: `${name}/0.169.0 (Faulty 1.0.0; x86_64) unknown (${name}; ${version})`,
        codexHome: this.#session.codexHome,
        platformFamily: 'unix',
        platformOs: 'linux',
      },
      perform: (acknowledge) => {
        acknowledge();
        this.#session.wire.notify('remoteControl/status/changed', {
          status: 'disabled',
          serverName: 'faulty',
          installationId: '00000000-0000-4000-8000-000000000000',
          environmentId: null,
        });
      },
    };
  }
}

function isPresent(
  type: FaultyRequestAction['type'],
  faults: readonly FaultyRequestFault[],
): boolean {
  return faults.some((fault) => fault.do.type === type);
}

function isRequest(message: FaultyReceivedMessage): message is Request {
  return message.method !== undefined && message.id !== undefined;
}

/** The message in a line, or null where codex-rs would find none. */
function parse(line: string): FaultyReceivedMessage | null {
  let value: JsonValue;
  try {
    value = JSON.parse(line) as JsonValue;
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  const { id } = value;
  const isId = id === undefined || typeof id === 'string' || Number.isSafeInteger(id);
  return isId ? value : null;
}
