import type { Agent, IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import type WebSocket from 'ws';
import { TransportError } from '../errors.js';
import { onAbort } from '../on-abort.js';
import type { Redactor } from '../redaction.js';
import { codeOf, messageOf } from '../shapes.js';
import { timers } from '../timers.js';
import type { Connection, ConnectionHandlers } from '../transport/connection.js';

/** codex-rs closes a connection without a word for a frame above 16 MiB; it takes longer messages in pieces. */
const frameBytes = 4 * 1024 * 1024;

/** How long the end of a connection may take, in milliseconds. codex-rs does not answer a close frame. */
const closeMs = 200;

/** How much of a refusal is read; codex-rs says it in some thirty bytes. */
const longestAnswer = 2048;

/** How the certificate of a server is checked, and what this side shows of itself: options of `tls.connect`. @inline */
export interface TlsOptions extends Pick<
  SecureContextOptions,
  'ca' | 'cert' | 'key' | 'passphrase' | 'pfx'
> {
  /** The name that the certificate has to carry, if it is not that in the address. */
  readonly servername?: string;
  /** `false` accepts any certificate. Defaults to `true`. */
  readonly rejectUnauthorized?: boolean;
}

/** Where a {@link WebSocketConnection} leads, and how. */
export interface WebSocketTarget {
  /** The address as it may stand in a message. */
  readonly name: string;
  readonly url: string;
  /** The path of a Unix socket instead of the host of the address. */
  readonly socketPath?: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Hides what the headers carry, if the other side repeats it. */
  readonly redactor: Redactor;
  readonly tls?: TlsOptions;
  readonly agent?: Agent;
  /** How long the other side may be silent before it is asked for a sign of life, and then again until it is given up. */
  readonly pingIntervalMs: number;
  /** The longest message that is read. */
  readonly maxFrameBytes: number;
}

/** One WebSocket to a codex app-server: a message is a text frame, and long ones are sent in pieces. */
export class WebSocketConnection implements Connection {
  /** There is no process of this machine at the other end. */
  readonly pid: null = null;
  readonly #socket: WebSocket;
  readonly #target: WebSocketTarget;
  readonly #stream: Socket;
  readonly #pulse: NodeJS.Timeout;
  #early: string[] = [];
  #unsent: ((reason: TransportError) => void)[] = [];
  #handlers: ConnectionHandlers | null = null;
  #error: unknown = null;
  #end: TransportError | null = null;
  #isAlive = true;
  #isClosing = false;

  private constructor(socket: WebSocket, target: WebSocketTarget, stream: Socket) {
    this.#socket = socket;
    this.#target = target;
    this.#stream = stream;
    this.#pulse = timers.setInterval(() => {
      this.#feelPulse();
    }, target.pingIntervalMs);
    this.#pulse.unref();
    socket.on('message', (data) => {
      this.#receive(textOf(data));
    });
    socket.on('pong', () => {
      this.#isAlive = true;
    });
    socket.on('error', (error) => {
      this.#error = error;
    });
    socket.on('close', (code) => {
      this.#finish(code);
    });
  }

  /**
   * Opens a connection.
   *
   * @throws {@link TransportError} `connect-failed`, or `unauthorized` when the server wants another token; `signal.reason`
   */
  static async open(target: WebSocketTarget, signal: AbortSignal): Promise<WebSocketConnection> {
    // Loaded with the first connection, so that importing the package does not pay for it.
    const { WebSocket: Client } = await import('ws');
    signal.throwIfAborted();
    const { url, socketPath, headers, tls, agent, maxFrameBytes } = target;
    const socket = new Client(url, {
      headers,
      ...tls,
      ...(agent === undefined ? {} : { agent }),
      ...(socketPath === undefined ? {} : { createConnection: () => connect(socketPath) }),
      perMessageDeflate: false,
      maxPayload: maxFrameBytes,
      followRedirects: false,
    });
    return new Promise((resolve, reject) => {
      const forget = onAbort(signal, () => {
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason of a signal is handed on untouched
        reject(signal.reason);
        socket.terminate();
      });
      const fail = (error: unknown): void => {
        forget();
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the errors below are errors
        reject(error);
      };
      socket.on('upgrade', ({ socket: stream }: IncomingMessage) => {
        // Before it is open, so that no message is missed.
        const connection = new WebSocketConnection(socket, target, stream);
        socket.on('open', () => {
          forget();
          resolve(connection);
        });
      });
      socket.on('unexpected-response', (_request, response) => {
        void answerOf(response).then((answer) => {
          fail(refused(target, response.statusCode ?? 0, answer));
          socket.terminate();
          response.destroy();
        });
      });
      socket.on('error', (error) => {
        fail(unreachable(target, error));
      });
    });
  }

  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    const early = this.#early;
    this.#early = [];
    for (const line of early) handlers.onLine(line);
    if (this.#end !== null) handlers.onClose(this.#end);
  }

  async send(line: string): Promise<void> {
    const pieces = piecesOf(line);
    await new Promise<void>((resolve, reject) => {
      const sent = (error?: Error | null): void => {
        if (!error) resolve();
        // Whoever waits for the message learns of the end no sooner than all others.
        else if (this.#end !== null) reject(this.#end);
        else this.#unsent.push(reject);
      };
      // All at once: the pieces of two messages must not mix.
      pieces.forEach((piece, index) => {
        const fin = index === pieces.length - 1;
        this.#socket.send(piece, { binary: false, fin }, fin ? sent : undefined);
      });
    });
  }

  setReferenced(isReferenced: boolean): void {
    // A stream that is gone would remember each call for the day it is opened.
    if (this.#stream.destroyed) return;
    if (isReferenced) this.#stream.ref();
    else this.#stream.unref();
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    const { readyState, CLOSED } = this.#socket;
    if (readyState === CLOSED) return;
    await new Promise<void>((resolve) => {
      this.setReferenced(true);
      this.#socket.once('close', () => {
        timers.clearTimeout(limit);
        resolve();
      });
      const limit = timers.setTimeout(() => {
        this.#socket.terminate();
      }, closeMs);
      this.#socket.close(1000);
    });
  }

  #receive(line: string): void {
    this.#isAlive = true;
    if (this.#handlers === null) this.#early.push(line);
    else this.#handlers.onLine(line);
  }

  /** A connection can be gone without either side having heard of it. */
  #feelPulse(): void {
    if (this.#isAlive) {
      this.#isAlive = false;
      this.#socket.ping();
      return;
    }
    // If it was this process that stood still, the answer has come meanwhile and is only to be read.
    timers.setImmediate(() => {
      timers.setImmediate(() => {
        if (!this.#isAlive) this.#socket.terminate();
      });
    });
  }

  #finish(code: number): void {
    timers.clearInterval(this.#pulse);
    if (this.#end !== null) return;
    this.#end = this.#reason(code);
    this.#handlers?.onClose(this.#end);
    for (const reject of this.#unsent) reject(this.#end);
    this.#unsent = [];
  }

  #reason(code: number): TransportError {
    const { name, maxFrameBytes, pingIntervalMs } = this.#target;
    const error = this.#error ?? undefined;
    if (this.#isClosing)
      return new TransportError('The connection was closed.', { code: 'closed', retryable: false });
    if (codeOf(error) === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
      return new TransportError(
        `codex-rs sent a message of more than ${maxFrameBytes} bytes (maxFrameBytes). Raise the limit if such messages are expected.`,
        { code: 'frame-too-large', cause: error },
      );
    const detail = error === undefined ? `close code ${code}` : messageOf(error);
    return new TransportError(
      this.#isAlive
        ? `The connection to ${name} was lost (${detail}).`
        : `The connection to ${name} was lost: nothing came from it for ${pingIntervalMs} ms.`,
      { code: 'connection-lost', cause: error },
    );
  }
}

function piecesOf(line: string): (string | Buffer)[] {
  // A character has three bytes at most for each unit of the string.
  if (line.length * 3 <= frameBytes) return [line];
  const bytes = Buffer.from(line);
  const pieces: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += frameBytes)
    pieces.push(bytes.subarray(start, start + frameBytes));
  return pieces;
}

function textOf(data: WebSocket.RawData): string {
  if (Buffer.isBuffer(data)) return data.toString();
  return Array.isArray(data) ? Buffer.concat(data).toString() : Buffer.from(data).toString();
}

async function answerOf(response: IncomingMessage): Promise<string> {
  let answer = '';
  try {
    for await (const chunk of response) {
      answer += String(chunk);
      if (answer.length > longestAnswer) break;
    }
  } catch {
    // The status says enough.
  }
  return answer.slice(0, longestAnswer).trim();
}

function refused(target: WebSocketTarget, status: number, answer: string): TransportError {
  const { name, redactor } = target;
  const words = answer === '' ? '' : `: ${redactor.redact(answer)}`;
  if (status === 401 || status === 403)
    return new TransportError(
      `The server at ${name} refused the connection with status ${status}${words}. Pass the token that it was started with.`,
      { code: 'unauthorized', retryable: false },
    );
  return new TransportError(
    `The server at ${name} answered the handshake with status ${status}${words}. Is it a codex app-server?`,
    { code: 'connect-failed', retryable: status >= 500 || status === 429 },
  );
}

/** What the system or TLS says when no other try can help. */
const lasting =
  /^(?:ENOTFOUND|ENOENT|EACCES|ERR_INVALID_URL|ERR_SSL|ERR_TLS|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO)/;

function unreachable({ name, socketPath }: WebSocketTarget, cause: unknown): TransportError {
  const advice =
    socketPath === undefined
      ? 'Check the address, and whether `codex app-server --listen` runs there.'
      : 'Start a server there with `codex app-server daemon start`, or with `codex app-server --listen unix://PATH`.';
  const reason = messageOf(cause).trim() || String(codeOf(cause));
  return new TransportError(
    `No connection to the codex app-server at ${name}: ${reason}. ${advice}`,
    { code: 'connect-failed', retryable: !lasting.test(String(codeOf(cause))), cause },
  );
}
