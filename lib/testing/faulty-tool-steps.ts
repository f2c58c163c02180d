import type {
  DynamicToolCallOutputContentItem,
  JsonValue,
  ServerRequests,
  ThreadActiveFlag,
  ThreadItem,
} from '../protocol/index.js';
import { timers } from '../timers.js';
import { FaultyIds } from './faulty-ids.js';
import type {
  FaultyCommand,
  FaultyFileChange,
  FaultyServerRequest,
  FaultyStep,
  FaultyToolCall,
} from './faulty-step.js';
import type { FaultyTurnControl } from './faulty-turn-control.js';
import type { FaultyReceivedMessage } from './faulty-world.js';

type ToolStep = Extract<FaultyStep, { type: 'command' | 'fileChange' | 'toolCall' | 'request' }>;
type CommandItem = Extract<ThreadItem, { type: 'commandExecution' }>;
type Decision = 'accept' | 'decline' | 'cancel' | 'unreadable';

/** The steps of a turn in which a tool runs, and the client may be asked. @internal */
export class FaultyToolSteps {
  readonly #control: FaultyTurnControl;

  constructor(control: FaultyTurnControl) {
    this.#control = control;
  }

  /** Plays one. */
  async play(step: ToolStep): Promise<void> {
    switch (step.type) {
      case 'command':
        return this.#command(step);
      case 'fileChange':
        return this.#fileChange(step);
      case 'toolCall':
        return this.#toolCall(step);
      case 'request':
        await this.#request(step);
    }
  }

  async #command(command: FaultyCommand): Promise<void> {
    const { stage, thread } = this.#control;
    const { approval = false, output = [], exitCode = 0, keepsRunning = false } = command;
    const bare = commandItem(command.command, thread.record.settings.cwd);
    let item = bare;
    if (approval === false) item = stage.started(running(bare));
    else {
      stage.flag('waitingOnApproval');
      item = stage.started(bare);
      const decision = await this.#approval(
        'item/commandExecution/requestApproval',
        commandApproval(item),
        approval,
      );
      if (decision !== 'accept') {
        stage.completed({ ...item, status: decision === 'unreadable' ? 'failed' : 'declined' });
        stage.flag();
        if (decision === 'cancel') this.#control.interruptNow();
        return;
      }
      stage.flag();
      item = running(item);
    }
    for (const delta of command.withoutDeltas ? [] : output)
      stage.say('item/commandExecution/outputDelta', { itemId: item.id, delta });
    const end = (code: number): void => {
      const status = code === 0 ? 'completed' : 'failed';
      const aggregatedOutput = output.length > 0 ? output.join('') : null;
      stage.completed({ ...item, status, aggregatedOutput, exitCode: code, durationMs: 1 });
    };
    if (keepsRunning)
      this.#leaveRunning(item, command.command, () => {
        end(137);
      });
    else end(exitCode);
  }

  #leaveRunning(item: CommandItem, command: string, end: () => void): void {
    const { id: itemId, processId, cwd } = item;
    const terminal = {
      itemId,
      processId: processId ?? '',
      command,
      cwd,
      osPid: null,
      cpuPercent: null,
      rssKb: null,
    };
    this.#control.thread.terminals.push({ terminal, end });
  }

  async #fileChange(change: FaultyFileChange): Promise<void> {
    const { stage } = this.#control;
    const { approval = false } = change;
    const item: ThreadItem = {
      type: 'fileChange',
      id: newId('call'),
      changes: [...change.changes],
      status: 'inProgress',
    };
    if (approval === false) {
      stage.completed({ ...stage.started(item), status: 'completed' });
      return;
    }
    stage.flag('waitingOnApproval');
    const started = stage.started(item);
    const params = {
      reason: null,
      grantRoot: null,
      itemId: item.id,
      startedAtMs: timers.Date.now(),
    };
    const decision = await this.#approval('item/fileChange/requestApproval', params, approval);
    stage.flag();
    // codex-rs completes no item when the user cancels a change.
    if (decision === 'cancel') this.#control.interruptNow();
    const status = { accept: 'completed', decline: 'declined', unreadable: 'failed' } as const;
    stage.completed({ ...started, status: status[decision] });
  }

  async #toolCall(call: FaultyToolCall): Promise<void> {
    const { stage } = this.#control;
    const { tool, namespace = null } = call;
    const item = stage.started({
      type: 'dynamicToolCall',
      id: newId('call'),
      namespace,
      tool,
      arguments: call.arguments,
      status: 'inProgress',
      contentItems: null,
      success: null,
      durationMs: null,
    } satisfies ThreadItem);
    const complete = (contentItems: DynamicToolCallOutputContentItem[], success: boolean): void => {
      const status = success ? 'completed' : 'failed';
      stage.completed({ ...item, status, contentItems, success, durationMs: 1 });
    };
    const undo = this.#control.onInterrupt('before', () => {
      complete([], false);
    });
    const reply = await this.#ask('item/tool/call', {
      callId: item.id,
      namespace,
      tool,
      arguments: call.arguments,
    });
    undo();
    const { contentItems, success } = toolResult(reply);
    complete(contentItems, success);
  }

  async #request(request: FaultyServerRequest): Promise<void> {
    const { stage } = this.#control;
    const flag = flags[request.method];
    if (flag) stage.flag(flag);
    await this.#ask(request.method, request.params, request);
    if (flag) stage.flag();
  }

  async #approval(
    method: keyof ServerRequests,
    params: Readonly<Record<string, JsonValue>>,
    extra: true | Readonly<Record<string, JsonValue>>,
  ): Promise<Decision> {
    const whole = { ...params, ...(extra === true ? {} : extra) };
    return decisionOf(await this.#ask(method, whole));
  }

  /** Sends a request of this turn and waits; null when it was resolved elsewhere. */
  async #ask(
    method: string,
    params: Readonly<Record<string, JsonValue>>,
    options: Pick<FaultyServerRequest, 'copies' | 'resolvedBy'> = {},
  ): Promise<FaultyReceivedMessage | null> {
    const { session, thread, stage } = this.#control;
    const { world, wire } = session;
    const ids = { threadId: thread.id, turnId: stage.turn.id };
    const asked = wire.ask(method, { ...ids, ...params }, options.copies);
    const resolved = (): void => {
      if (method !== 'item/tool/call')
        wire.notify('serverRequest/resolved', { threadId: thread.id, requestId: asked.id });
    };
    const undo = this.#control.onInterrupt('after', resolved);
    const { resolvedBy } = options;
    const elsewhere =
      resolvedBy === undefined
        ? []
        : [world.until(() => (world.isGateOpen(resolvedBy) ? null : undefined))];
    if (resolvedBy !== undefined) world.reachGate(resolvedBy);
    const reply = await this.#control.pause(Promise.race([asked.reply, ...elsewhere]));
    undo();
    resolved();
    return reply;
  }
}

const flags: Readonly<Record<string, ThreadActiveFlag>> = {
  'item/commandExecution/requestApproval': 'waitingOnApproval',
  'item/fileChange/requestApproval': 'waitingOnApproval',
  'item/tool/requestUserInput': 'waitingOnUserInput',
};

function commandItem(command: string, cwd: string): CommandItem {
  return {
    type: 'commandExecution',
    id: newId('call'),
    pluginId: null,
    scriptPath: null,
    command: `/bin/bash -lc '${command}'`,
    cwd,
    processId: null,
    source: 'agent',
    status: 'inProgress',
    commandActions: [{ type: 'unknown', command }],
    aggregatedOutput: null,
    exitCode: null,
    durationMs: null,
  };
}

function running(item: CommandItem): CommandItem {
  const processId = String(10_000 + Math.floor(Math.random() * 90_000));
  return { ...item, processId, source: 'unifiedExecStartup' };
}

function commandApproval(item: CommandItem): Record<string, JsonValue> {
  const words = item.commandActions.flatMap(({ command }) => command.split(/\s+/));
  return {
    kind: 'command',
    itemId: item.id,
    startedAtMs: timers.Date.now(),
    environmentId: 'local',
    command: item.command,
    cwd: item.cwd,
    commandActions: item.commandActions,
    proposedExecpolicyAmendment: words,
    availableDecisions: [
      'accept',
      { acceptWithExecpolicyAmendment: { execpolicy_amendment: words } },
      'cancel',
    ],
  };
}

/** What codex-rs makes of a reply: a refusal, or a decision it cannot read, is a failed approval. */
function decisionOf(reply: FaultyReceivedMessage | null): Decision {
  if (reply === null) return 'accept';
  const result: unknown = reply.result;
  const decision: unknown =
    typeof result === 'object' && result !== null && 'decision' in result ? result.decision : null;
  if (decision === 'accept' || decision === 'acceptForSession') return 'accept';
  if (decision === 'decline' || decision === 'cancel') return decision;
  const isAmendment =
    typeof decision === 'object' &&
    decision !== null &&
    ('acceptWithExecpolicyAmendment' in decision || 'applyNetworkPolicyAmendment' in decision);
  return isAmendment ? 'accept' : 'unreadable';
}

function toolResult(reply: FaultyReceivedMessage | null): {
  contentItems: DynamicToolCallOutputContentItem[];
  success: boolean;
} {
  const result = reply?.result as Partial<ServerRequests['item/tool/call']['result']> | undefined;
  if (result && Array.isArray(result.contentItems) && typeof result.success === 'boolean')
    return { contentItems: result.contentItems, success: result.success };
  const text =
    result === undefined ? 'dynamic tool request failed' : 'dynamic tool response was invalid';
  return { contentItems: [{ type: 'inputText', text }], success: false };
}

function newId(prefix: string): string {
  return `${prefix}_${FaultyIds.next()}`;
}
