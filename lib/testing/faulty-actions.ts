import type { JsonValue, ServerNotifications } from '../protocol/index.js';
import type { FaultyImmediateAction } from './faulty-action.js';

/** The misbehaviour that can happen anywhere, as verbs; what they return depends on where they are said. */
export abstract class FaultyActions<Next> {
  /** The process ends by itself. */
  exit(code = 1): Next {
    return this.add({ type: 'exit', code });
  }

  /** The process ends by SIGKILL. */
  kill(): Next {
    return this.add({ type: 'kill' });
  }

  /** A line that is no message. */
  garbage(text = 'this is no message'): Next {
    return this.add({ type: 'garbage', text });
  }

  /** Text without a line end: it begins the next line, or stays the half of one. */
  raw(text: string): Next {
    return this.add({ type: 'raw', text });
  }

  /** Empty lines. */
  blankLines(count = 1): Next {
    return this.add({ type: 'blankLines', count });
  }

  /** One valid `warning` notification whose line has exactly this many bytes, at least 200, without its line end. */
  hugeFrame(bytes: number): Next {
    return this.add({ type: 'hugeFrame', bytes });
  }

  /** This many bytes of lines on standard error. */
  floodStderr(bytes: number): Next {
    return this.add({ type: 'floodStderr', bytes });
  }

  /** A notification of the method `faulty/unknownNotification`. */
  unknownNotification(): Next {
    return this.add({ type: 'unknownNotification' });
  }

  /** A request of the method `faulty/unknownRequest` to the client; nothing waits for the reply. */
  unknownServerRequest(): Next {
    return this.add({ type: 'unknownServerRequest' });
  }

  /** A notification just as given. */
  notify<M extends keyof ServerNotifications>(method: M, params: ServerNotifications[M]): Next {
    return this.add({ type: 'notify', method, params: params as JsonValue });
  }

  /** A notification of any method with any params. */
  notifyAnything(method: string, params: JsonValue): Next {
    return this.add({ type: 'notify', method, params });
  }

  /** Standard output ends; the process lives on. In memory the link ends. */
  closeStdout(): Next {
    return this.add({ type: 'closeStdout' });
  }

  /** Nothing more is read: what the client writes fills the pipe. */
  stopReadingStdin(): Next {
    return this.add({ type: 'stopReadingStdin' });
  }

  /** The server reads on, and neither does nor says anything more. */
  freeze(): Next {
    return this.add({ type: 'freeze' });
  }

  /** @internal */
  protected abstract add(action: FaultyImmediateAction): Next;
}
