/** The environment of a contender, shared by all of them. */
export interface Place {
  /** The codex binary, the same for all. */
  readonly codexPath: string;
  /** Its own CODEX_HOME. */
  readonly codexHome: string;
  /** The working directory of the agent. */
  readonly workingDirectory: string;
  /** The model that answers. */
  readonly baseUrl: string;
  /** The whole environment of codex processes, except `CODEX_HOME`. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A client library under test. */
export interface Contender {
  /** Creates a client. */
  open(place: Place): Client | Promise<Client>;
}

/** One client. */
export interface Client {
  /** A new thread. */
  thread(): Conversation;
  /** Builds and validates the description of a thread with twelve options, without using it. */
  describe?(): void;
  /** A new thread whose turns all override an option. */
  overriding?(): Conversation;
  /** Calls whose cost may grow with the number of threads in the home. */
  readonly stored?: StoredThreads;
  /** Ends it and its child processes. */
  close(): Promise<void>;
}

/** Calls whose cost may grow with the number of threads in the home. */
export interface StoredThreads {
  /** Lists the first page of threads. */
  list(): Promise<void>;
  /** Finds the one thread with a label. */
  find(): Promise<void>;
  /** Resumes a thread that is not loaded, and runs a turn on it. */
  resume(): Promise<void>;
}

/** One thread. */
export interface Conversation {
  /** Runs a turn to its end and returns the final text. */
  turn(input: string, marks: Marks): Promise<string>;
}

/** Called when a turn shows progress. Only the first call of each counts. */
export interface Marks {
  /** The client shows progress. */
  event(): void;
  /** The client shows text of the answer. */
  text(): void;
}

/** The names of the contenders. */
export const contenderNames = [
  'codex-threads',
  'codex-threads ephemeral',
  'codex-threads over a WebSocket',
  'raw',
  'raw ephemeral',
  'official SDK',
  'Python client',
  'AI SDK provider',
] as const;

/** The name of a contender. */
export type ContenderName = (typeof contenderNames)[number];

/** The codex-rs configuration of every contender: a plain HTTP provider, and the defaults of codex-threads. */
export function settingsOf({ baseUrl }: Pick<Place, 'baseUrl'>): Settings {
  return {
    thread_unload_delay_secs: 0,
    features: { unbounded_connection_retries: false },
    model: 'gpt-5.5',
    model_provider: 'bench',
    model_providers: {
      bench: {
        name: 'bench',
        base_url: baseUrl,
        wire_api: 'responses',
        env_key: 'BENCH_API_KEY',
        request_max_retries: 0,
        stream_max_retries: 0,
        supports_websockets: false,
      },
    },
  };
}

/** Nested settings. */
export interface Settings {
  readonly [name: string]: string | number | boolean | Settings;
}
