import { Codex, type CodexOptionsRecord } from '../../../lib/index.js';
import {
  RecordingTransport,
  ReplayTransport,
  type RecordingOptions,
  type ReplayOptions,
  type ScriptedReply,
  type Transcript,
} from '../../../lib/testing/index.js';
import { OfflineCodex } from '../../offline-codex.js';

/** A scene that a spec plays with a client, both in the recording and in the replay. */
export type Scene<T> = (codex: Codex, stage: SceneStage) => Promise<T>;

/** The environment of a scene. */
export interface SceneStage {
  /** The working directory of threads. */
  readonly directory: string;
  /** Another client of the same codex-rs. */
  client(options?: CodexOptionsRecord): Codex;
}

/** Plays a scene on the real codex-rs. */
export async function recorded<T>(
  replies: readonly ScriptedReply[],
  scene: Scene<T>,
  { codex: options = {}, ...how }: RecordingOptions & { codex?: CodexOptionsRecord } = {},
): Promise<{ readonly transcript: Transcript; readonly outcome: T }> {
  await using offline = await OfflineCodex.start();
  offline.model.reply(...replies);
  const recording = new RecordingTransport(how);
  const client = (more: CodexOptionsRecord = {}): Codex =>
    offline.client({ transport: recording, ...options, ...more });
  const codex = client();
  const outcome = await scene(codex, { directory: offline.home.path, client });
  await codex.close();
  return { transcript: recording.transcript, outcome };
}

/** Plays a scene on a recording: without a key, and in another directory. */
export async function replayed<T>(
  transcript: Transcript,
  scene: Scene<T>,
  options: ReplayOptions = {},
): Promise<{ readonly replay: ReplayTransport; readonly outcome: T }> {
  const replay = new ReplayTransport(transcript, options);
  const clients: Codex[] = [];
  const client = (more: CodexOptionsRecord = {}): Codex => {
    const codex = new Codex({ transport: replay, ...more });
    clients.push(codex);
    return codex;
  };
  try {
    return { replay, outcome: await scene(client(), { directory: '/elsewhere', client }) };
  } finally {
    await Promise.all(clients.map(async (codex) => codex.close()));
  }
}
