import type { JsonValue, ServerNotifications, ServerRequests } from '../protocol/index.js';
import { timers } from '../timers.js';
import type { FaultyHost } from './faulty-host.js';
import type { FaultyOccurrences } from './faulty-occurrences.js';
import type { FaultyImmediateAction } from './faulty-action.js';
import type { FaultyNotificationFault, FaultyScript } from './faulty-script.js';
import type { FaultyReceivedMessage, FaultyWorld } from './faulty-world.js';

/** What a wire needs to write and to misbehave. @internal */
export interface FaultyWireProps {
  readonly script: FaultyScript;
  readonly world: FaultyWorld;
  readonly host: FaultyHost;
  readonly occurrences: FaultyOccurrences;
}

/** A request to the client that waits for its reply. @internal */
export interface FaultyAsked {
  /** The id it was sent with. */
  readonly id: number;
  /** The client's reply. */
  readonly reply: Promise<FaultyReceivedMessage>;
}

/** The sending half of a faulty app-server: writes messages, and lets the script spoil them. @internal */
export class FaultyWire {
  /** Methods the client asked not to be told. */
  optedOut: ReadonlySet<string> = new Set();
  /** Nothing is written, remembered or carried out any more: frozen, or dead. */
  isSilent = false;
  /** Nothing is written any more, while it is still remembered what happens. */
  isMuted = false;
  readonly #props: FaultyWireProps;
  readonly #asked = new Map<number, (reply: FaultyReceivedMessage) => void>();
  #nextId = 0;

  constructor(props: FaultyWireProps) {
    this.#props = props;
  }

  /** Sends a notification, unless the client opted out or the script drops it. */
  notify<M extends keyof ServerNotifications>(method: M, params: ServerNotifications[M]): void {
    if (this.optedOut.has(method)) return;
    const faults = this.#props.occurrences.ofNotification(method);
    for (const fault of faults) if (fault.when !== 'after') this.#spoil(fault);
    this.#deliver({ method, params, emittedAtMs: timers.Date.now() }, faults);
    for (const fault of faults) if (fault.when === 'after') this.#spoil(fault);
  }

  /** Sends any notification just as given. */
  notifyAnything(method: string, params: JsonValue): void {
    this.message({ method, params, emittedAtMs: timers.Date.now() });
  }

  /** Sends a request to the client, `copies` times the same. */
  ask<M extends keyof ServerRequests | (string & {})>(
    method: M,
    params: M extends keyof ServerRequests ? ServerRequests[M]['params'] : JsonValue,
    copies = 1,
  ): FaultyAsked {
    const id = this.#nextId++;
    const reply = new Promise<FaultyReceivedMessage>((resolve) => this.#asked.set(id, resolve));
    for (let copy = 0; copy < copies; copy += 1) this.message({ method, id, params });
    return { id, reply };
  }

  /** Hands a reply to what asked for it; one that nobody waits for is ignored. */
  answered(reply: FaultyReceivedMessage): void {
    const resolve = this.#asked.get(reply.id as number);
    this.#asked.delete(reply.id as number);
    resolve?.(reply);
  }

  /** Writes one message as one line. */
  message(message: object, addsFields = false): void {
    const whole =
      addsFields || this.#props.script.server?.addsFields ? withUnknownFields(message) : message;
    this.text(`${JSON.stringify(whole)}\n`);
  }

  /** Writes text as it is. */
  text(text: string): void {
    if (!this.isSilent && !this.isMuted) this.#props.host.write(text);
  }

  /** What can be done at once, without waiting. */
  perform(action: FaultyImmediateAction): void {
    const { host } = this.#props;
    switch (action.type) {
      case 'exit':
        host.exit(action.code);
        return;
      case 'kill':
        host.kill();
        return;
      case 'garbage':
        this.text(`${action.text}\n`);
        return;
      case 'raw':
        this.text(action.text);
        return;
      case 'blankLines':
        this.text('\n'.repeat(action.count));
        return;
      case 'hugeFrame':
        this.#writeHugeFrame(action.bytes);
        return;
      case 'floodStderr':
        this.#floodStderr(action.bytes);
        return;
      case 'unknownNotification':
        this.notifyAnything('faulty/unknownNotification', { unknown: true });
        return;
      case 'unknownServerRequest':
        this.ask('faulty/unknownRequest', { unknown: true });
        return;
      case 'notify':
        this.notifyAnything(action.method, action.params);
        return;
      case 'closeStdout':
        host.closeOutput();
        return;
      case 'stopReadingStdin':
        host.stopReading();
        return;
      case 'freeze':
        this.isSilent = true;
    }
  }

  #spoil(fault: FaultyNotificationFault): void {
    const { do: action } = fault;
    if (
      action.type !== 'drop' &&
      action.type !== 'duplicate' &&
      action.type !== 'hold' &&
      action.type !== 'addFields'
    )
      this.perform(action);
  }

  #deliver(message: object, faults: readonly FaultyNotificationFault[]): void {
    const types = new Set(faults.map((fault) => fault.do.type));
    if (types.has('drop')) return;
    const { world, script } = this.#props;
    const isTwice = types.has('duplicate') || script.server?.duplicatesNotifications;
    const send = (): void => {
      this.message(message, types.has('addFields'));
      if (isTwice) this.message(message, types.has('addFields'));
    };
    const hold = faults.map((fault) => fault.do).find((action) => action.type === 'hold');
    if (!hold) send();
    else {
      world.reachGate(hold.gate);
      void world.until(() => world.isGateOpen(hold.gate) || undefined).then(send);
    }
  }

  #writeHugeFrame(bytes: number): void {
    const [head, tail] = JSON.stringify({
      method: 'warning',
      params: { threadId: null, message: '|' },
      emittedAtMs: timers.Date.now(),
    }).split('|') as [string, string];
    this.text(head);
    // In pieces: a frame may be larger than the longest string.
    let rest = bytes - head.length - tail.length;
    for (; rest > 0; rest -= pieceBytes) this.text('x'.repeat(Math.min(rest, pieceBytes)));
    this.text(`${tail}\n`);
  }

  #floodStderr(bytes: number): void {
    const line = `${'stderr '.repeat(18)}\n`;
    for (let rest = bytes; rest > 0; rest -= line.length)
      this.#props.host.writeError(line.slice(-Math.min(rest, line.length)));
  }
}

const pieceBytes = 1 << 20;
const unknownField = { faultyUnknown: { nested: [1, null, 'x'] } };
const parts = ['params', 'result', 'thread', 'turn', 'item', 'status', 'tokenUsage', 'error'];

/** The message with a key that no type knows, in itself and in the objects of the protocol inside it. */
function withUnknownFields(value: object): object {
  const entries = Object.entries(value).map(([key, part]: [string, unknown]) => [
    key,
    parts.includes(key) && typeof part === 'object' && part !== null && !Array.isArray(part)
      ? withUnknownFields(part)
      : part,
  ]);
  return { ...(Object.fromEntries(entries) as object), ...unknownField };
}
