import type { LaunchPlan } from '../../transport/launch-plan.js';
import type { Connection, ConnectionHandlers } from '../../transport/connection.js';
import type { TransportError } from '../../errors.js';
import { isSecretName } from '../../secret-name.js';
import { isLogin } from './replay-login.js';
import type { TranscriptMessage, TranscriptProcess } from './transcript.js';
import { TranscriptRedactor } from './transcript-redactor.js';
import { messageIn } from './wire-message.js';

/** Passes all lines of a connection on unchanged, and records its messages. @internal */
export class RecordedConnection implements Connection {
  readonly messages: TranscriptMessage[] = [];
  readonly #inner: Connection;
  readonly #plan: LaunchPlan;
  #end: TransportError | null = null;

  constructor(inner: Connection, plan: LaunchPlan) {
    this.#inner = inner;
    this.#plan = plan;
  }

  get pid(): number | null {
    return this.#inner.pid ?? null;
  }

  start(handlers: ConnectionHandlers): void {
    this.#inner.start({
      onLine: (line) => {
        this.#keep('server', line);
        handlers.onLine(line);
      },
      onClose: (error) => {
        this.#end = error;
        handlers.onClose(error);
      },
    });
  }

  async send(line: string): Promise<void> {
    this.#keep('client', line);
    return this.#inner.send(line);
  }

  setReferenced(isReferenced: boolean): void {
    this.#inner.setReferenced(isReferenced);
  }

  async close(): Promise<void> {
    return this.#inner.close();
  }

  /** Whether there were messages other than those of a login. */
  get isWorthKeeping(): boolean {
    const isMore = this.messages.some(({ client }) => client !== undefined && !isLogin(client));
    return isMore || this.ending !== null;
  }

  /** How the process exited on its own. */
  get ending(): TranscriptProcess['end'] {
    if (this.#end === null || this.#end.code === 'closed') return null;
    const { code, exitCode, signal } = this.#end;
    return { code, exitCode, signal };
  }

  /** The recorded messages without secrets. */
  redacted(secrets: readonly string[]): TranscriptMessage[] {
    const { environment, redactor } = this.#plan;
    const variables = [environment, process.env].flatMap((each) => Object.entries(each));
    const found = variables.flatMap(([name, value = '']) => (isSecretName(name) ? [value] : []));
    return new TranscriptRedactor(redactor, secrets, found).redact(this.messages);
  }

  #keep(from: 'client' | 'server', line: string): void {
    const message = messageIn(line);
    if (message !== null) this.messages.push({ [from]: message });
  }
}
