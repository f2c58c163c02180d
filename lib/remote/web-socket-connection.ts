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

/** codex-rs silently closes a connection for a frame above 16 MiB; it accepts longer messages in fragments. */
const frameBytes = 4 * 1024 * 1024;

/** The time limit for closing a connection, in milliseconds. codex-rs does not answer a close frame. */
const closeMs = 200;

/** The maximum length of an error response; that of codex-rs has about thirty bytes. */
const longestAnswer = 2048;

/** TLS options for the server and the client certificate: options of `tls.connect`. @inline */
export interface TlsOptions extends Pick<
  SecureContextOptions,
  'ca' | 'cert' | 'key' | 'passphrase' | 'pfx'
> {
  /** The expected name in the certificate, if it differs from the one in the URL. */
  readonly servername?: string;
  /** `false` accepts any certificate. Defaults to `true`. */
  readonly rejectUnauthorized?: boolean;
}

/** The target of a {@link WebSocketConnection}. */
export interface WebSocketTarget {
  /** The address as shown in messages. */
  readonly name: string;
  readonly url: string;
  /** The path of a Unix socket, used instead of the host of the URL. */
  readonly socketPath?: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Hides the values of the headers if the other side repeats them. */
  readonly redactor: Redactor;
  readonly tls?: TlsOptions;
  readonly agent?: Agent;
  /**
   * How long the other side may be silent before it is pinged, and then again before the connection is considered lost.
   */
  readonly pingIntervalMs: number;
  /** The longest message to accept, in bytes. */
  readonly maxFrameBytes: number;
}

/** A WebSocket to a codex app-server: a message is a text frame; long messages are sent in fragments. */
export class WebSocketConnection implements Connection {
  /** The other end is not a process of this machine. */
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
   * @throws {@link TransportError} `connect-failed`, or `unauthorized` if the server rejects the token; `signal.reason`
   */
  static async open(target: WebSocketTarget, signal: AbortSignal): Promise<WebSocketConnection> {
    // Loaded with the first connection, to keep the import of the package fast.
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
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason of a signal is passed through unchanged
        reject(signal.reason);
        socket.terminate();
      });
      const fail = (error: unknown): void => {
        forget();
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the errors below are errors
        reject(error);
      };
      socket.on('upgrade', ({ socket: stream }: IncomingMessage) => {
        // Created before the socket is open, so that no message is missed.
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
        // The sender is notified of the end at the same time as all others.
        else if (this.#end !== null) reject(this.#end);
        else this.#unsent.push(reject);
      };
      // Synchronously: the fragments of two messages must not interleave.
      pieces.forEach((piece, index) => {
        const fin = index === pieces.length - 1;
        this.#socket.send(piece, { binary: false, fin }, fin ? sent : undefined);
      });
    });
  }

  setReferenced(isReferenced: boolean): void {
    // A destroyed stream would store each call until it is opened.
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

  /** A connection can be lost without a notification on either side. */
  #feelPulse(): void {
    if (this.#isAlive) {
      this.#isAlive = false;
      this.#socket.ping();
      return;
    }
    // If this process was blocked, the answer has arrived and only has to be read.
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
        : `The connection to ${name} was lost: no data arrived for ${pingIntervalMs} ms.`,
      { code: 'connection-lost', cause: error },
    );
  }
}

function piecesOf(line: string): (string | Buffer)[] {
  // A UTF-16 code unit has at most three bytes in UTF-8.
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
    // The status is sufficient.
  }
  return answer.slice(0, longestAnswer).trim();
}

function refused(target: WebSocketTarget, status: number, answer: string): TransportError {
  const { name, redactor } = target;
  const words = answer === '' ? '' : `: ${redactor.redact(answer)}`;
  if (status === 401 || status === 403)
    return new TransportError(
      `The server at ${name} refused the connection with status ${status}${words}. Pass the token that the server was started with.`,
      { code: 'unauthorized', retryable: false },
    );
  return new TransportError(
    `The server at ${name} answered the handshake with status ${status}${words}. Check that it is a codex app-server.`,
    { code: 'connect-failed', retryable: status >= 500 || status === 429 },
  );
}

/** Errors of the system or of TLS that a retry cannot fix. */
const lasting =
  /^(?:ENOTFOUND|ENOENT|EACCES|ERR_INVALID_URL|ERR_SSL|ERR_TLS|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO)/;

function unreachable({ name, socketPath }: WebSocketTarget, cause: unknown): TransportError {
  const advice =
    socketPath === undefined
      ? 'Check the address, and that `codex app-server --listen` is running there.'
      : 'Start a server there with `codex app-server daemon start`, or with `codex app-server --listen unix://PATH`.';
  const reason = messageOf(cause).trim() || String(codeOf(cause));
  return new TransportError(
    `Cannot connect to the codex app-server at ${name}: ${reason}. ${advice}`,
    { code: 'connect-failed', retryable: !lasting.test(String(codeOf(cause))), cause },
  );
}
