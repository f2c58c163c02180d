import { join } from 'node:path';
import type {
  Thread,
  ThreadBackgroundTerminal,
  ThreadStartResponse,
  ThreadStatus,
  TokenUsageBreakdown,
  Turn,
} from '../protocol/index.js';
import { timers } from '../timers.js';
import { FaultyIds } from './faulty-ids.js';
import type { FaultySession } from './faulty-session.js';
import { FaultySettings, type FaultySettingsChange } from './faulty-settings.js';
import type { FaultyThreadRecord, FaultyTurnRecord } from './faulty-thread-record.js';
import type { FaultyTurnPlayer } from './faulty-turn-player.js';

/** How a thread comes to be. @internal */
export interface FaultyThreadOrigin extends FaultySettingsChange {
  readonly ephemeral?: boolean | null;
  readonly threadSource?: string | null;
  readonly parentThreadId?: string;
}

/** One thread that is loaded in a running faulty app-server. @internal */
export class FaultyThread {
  /** What is remembered of it. */
  readonly record: FaultyThreadRecord;
  /** What it does. */
  status: ThreadStatus = { type: 'idle' };
  /** The turn that runs, or null. */
  activeTurn: FaultyTurnPlayer | null = null;
  /** Whether the client wants to hear of its turns. */
  isSubscribed = true;
  /** Commands that go on running. */
  readonly terminals: { readonly terminal: ThreadBackgroundTerminal; readonly end: () => void }[] =
    [];
  readonly #session: FaultySession;

  constructor(session: FaultySession, record: FaultyThreadRecord) {
    this.#session = session;
    this.record = record;
  }

  /** A new thread without turns. */
  static created(session: FaultySession, origin: FaultyThreadOrigin): FaultyThread {
    const settings = FaultySettings.changed(FaultySettings.initial(process.cwd()), origin);
    const record: FaultyThreadRecord = {
      thread: newThread(session, origin),
      settings,
      turns: [],
      attachments: [],
      usage: noUsage,
      lastUsage: null,
      readState: null,
      ordinal: 1,
      isArchived: false,
      isMaterialised: false,
    };
    return new FaultyThread(session, record);
  }

  /** Its id. */
  get id(): string {
    return this.record.thread.id;
  }

  /** The thread as the protocol shows it. */
  view(turns: Turn[] = []): Thread {
    return FaultyThread.viewOf(this.record, this.status, turns);
  }

  /** A thread as the protocol shows it, also one that is not loaded. */
  static viewOf(record: FaultyThreadRecord, status: ThreadStatus, turns: Turn[] = []): Thread {
    const { cwd, model, modelProvider, effort, environments } = record.settings;
    return {
      ...record.thread,
      cwd,
      model,
      modelProvider,
      environments: status.type === 'notLoaded' ? [] : environments,
      reasoningEffort: effort,
      status,
      turns,
    };
  }

  /** What start, fork and resume have in common. */
  response(turns: Turn[] = []): ThreadStartResponse {
    const { settings } = this.record;
    return {
      thread: this.view(turns),
      model: settings.model,
      modelProvider: settings.modelProvider,
      serviceTier: settings.serviceTier,
      disabledPluginIds: [],
      cwd: settings.cwd,
      runtimeWorkspaceRoots: [settings.cwd],
      instructionSources: [],
      approvalPolicy: settings.approvalPolicy,
      approvalsReviewer: settings.approvalsReviewer,
      sandbox: settings.sandboxPolicy,
      activePermissionProfile: settings.activePermissionProfile,
      reasoningEffort: settings.effort,
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- the protocol still requires it
      multiAgentMode: 'explicitRequestOnly',
    };
  }

  /** Changes its settings; says so only when they differ. */
  change(change: FaultySettingsChange): void {
    const before = JSON.stringify(this.record.settings);
    this.record.settings = FaultySettings.changed(this.record.settings, change);
    if (JSON.stringify(this.record.settings) === before) return;
    this.save();
    this.#session.wire.notify('thread/settings/updated', {
      threadId: this.id,
      threadSettings: this.record.settings,
    });
  }

  /** Changes what it does, and says so. */
  setStatus(status: ThreadStatus): void {
    this.status = status;
    this.#session.wire.notify('thread/status/changed', { threadId: this.id, status });
  }

  /** Begins to remember a turn. */
  addTurn(turn: Turn): FaultyTurnRecord {
    this.record.ordinal += 1;
    const stored = { turn, ordinal: this.record.ordinal };
    this.record.turns.push(stored);
    this.record.isMaterialised = true;
    this.save();
    return stored;
  }

  /** Counts what a model request of a turn used. */
  addUsage(turnId: string, last: TokenUsageBreakdown): void {
    const total = { ...this.record.usage };
    for (const key of Object.keys(total) as (keyof TokenUsageBreakdown)[]) total[key] += last[key];
    this.record.usage = total;
    this.record.lastUsage = { turnId, last };
    this.save();
    this.tellUsage();
  }

  /** Says what it has used so far: after each model request, and once more when it is loaded. */
  tellUsage(): void {
    const { usage: total, lastUsage } = this.record;
    if (!lastUsage || !this.isSubscribed) return;
    const { turnId, last } = lastUsage;
    this.#session.wire.notify('thread/tokenUsage/updated', {
      threadId: this.id,
      turnId,
      tokenUsage: { total, last, modelContextWindow: 258_400 },
    });
  }

  /** Writes it down, so that other processes see it; an ephemeral thread never is. */
  save(): void {
    const { thread, isMaterialised } = this.record;
    const { world, wire } = this.#session;
    thread.updatedAt = seconds();
    if (isMaterialised && !thread.ephemeral && !wire.isSilent) world.save(this.record);
  }

  /** Unloads it, and says so. */
  close(): void {
    this.unload();
    this.setStatus({ type: 'notLoaded' });
    this.#session.wire.notify('thread/closed', { threadId: this.id });
  }

  /** Forgets it here and gives its writer lock back. */
  unload(): void {
    const { threads, world, generation } = this.#session;
    threads.delete(this.id);
    world.unlock(this.id, generation);
  }
}

const noUsage: TokenUsageBreakdown = {
  totalTokens: 0,
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteInputTokens: 0,
  outputTokens: 0,
  reasoningOutputTokens: 0,
};

function seconds(): number {
  return Math.floor(timers.Date.now() / 1000);
}

function newThread(session: FaultySession, origin: FaultyThreadOrigin): Thread {
  const id = FaultyIds.next();
  const now = seconds();
  const { parentThreadId = null } = origin;
  return {
    id,
    environments: null,
    extra: null,
    sessionId: parentThreadId ?? id,
    forkedFromId: null,
    attachedToThreadId: null,
    parentThreadId,
    preview: '',
    ephemeral: origin.ephemeral ?? false,
    section: null,
    sectionEnteredAt: null,
    projectId: null,
    historyMode: 'paginated',
    modelProvider: '',
    model: null,
    reasoningEffort: null,
    createdAt: now,
    updatedAt: now,
    recencyAt: now,
    status: { type: 'idle' },
    path: origin.ephemeral ? null : join(session.codexHome, 'sessions', `rollout-${id}.jsonl`),
    cwd: '',
    cliVersion: '0.169.0',
    originator: session.clientName,
    source: parentThreadId === null ? 'vscode' : spawnedBy(parentThreadId),
    canAcceptDirectInput: true,
    threadSource: origin.threadSource ?? null,
    agentNickname: null,
    agentRole: null,
    gitInfo: null,
    name: null,
    daybreakEnabled: null,
    turns: [],
  };
}

function spawnedBy(parentThreadId: string): Thread['source'] {
  return {
    subAgent: {
      thread_spawn: {
        parent_thread_id: parentThreadId,
        depth: 1,
        agent_path: null,
        agent_nickname: null,
        agent_role: null,
      },
    },
  };
}
