import type { ClientRequests } from '../protocol/index.js';
import { isRecord } from '../shapes.js';
import { FaultyRefusal } from './faulty-refusal.js';

type RequiredFields = {
  readonly [M in keyof ClientRequests]?: readonly (keyof NonNullable<
    ClientRequests[M]['params']
  >)[];
};

const onlyThreadId = ['threadId'] as const;
const requiredFields: RequiredFields = {
  'thread/resume': onlyThreadId,
  'thread/fork': onlyThreadId,
  'thread/read': onlyThreadId,
  'thread/turns/list': onlyThreadId,
  'thread/unsubscribe': onlyThreadId,
  'thread/archive': onlyThreadId,
  'thread/unarchive': onlyThreadId,
  'thread/delete': onlyThreadId,
  'thread/name/set': ['threadId', 'name'],
  'thread/attachment/add': ['threadId', 'attachmentType', 'identityKey', 'payload'],
  'thread/attachment/remove': ['threadId', 'attachmentType', 'identityKey'],
  'thread/attachment/list': onlyThreadId,
  'thread/attachmentOwner/list': ['attachmentType', 'identityKey'],
  'thread/settings/update': onlyThreadId,
  'thread/compact/start': onlyThreadId,
  'thread/backgroundTerminals/list': onlyThreadId,
  'thread/backgroundTerminals/terminate': ['threadId', 'processId'],
  'thread/backgroundTerminals/clean': onlyThreadId,
  'turn/start': ['threadId', 'input'],
  'turn/steer': ['threadId', 'input', 'expectedTurnId'],
  'turn/interrupt': ['threadId', 'turnId'],
};

const experimentalMethods = new Set([
  'thread/settings/update',
  'thread/backgroundTerminals/list',
  'thread/backgroundTerminals/terminate',
  'thread/backgroundTerminals/clean',
]);
const experimentalFields: Readonly<Record<string, readonly string[]>> = {
  'thread/start': [
    'dynamicTools',
    'historyMode',
    'environments',
    'permissions',
    'experimentalRawEvents',
    'runtimeWorkspaceRoots',
    'allowProviderModelFallback',
    'selectedCapabilityRoots',
    'projectId',
    'mockExperimentalField',
  ],
  'thread/resume': ['initialTurnsPage', 'history', 'path'],
  'turn/start': [
    'responsesapiClientMetadata',
    'additionalContext',
    'environments',
    'permissions',
    'runtimeWorkspaceRoots',
  ],
};

/** What codex-rs refuses before it looks at a request more closely. @internal */
export class FaultyRequestRules {
  /** Refuses a request without params, or without a field that must be there. */
  static requireFields(method: string, params: unknown): asserts params is object {
    if (params === undefined) throw new FaultyRefusal('Invalid request: missing field `params`');
    if (!isRecord(params)) throw new FaultyRefusal('Invalid request: invalid type: expected a map');
    const fields = (requiredFields as Readonly<Record<string, readonly string[] | undefined>>)[
      method
    ];
    const missing = fields?.find((field) => params[field] === undefined);
    if (missing !== undefined)
      throw new FaultyRefusal(`Invalid request: missing field \`${missing}\``);
  }

  /** Refuses what needs the experimental API; only for clients that did not ask for it. */
  static refuseExperimental(method: string, params: object): void {
    const field = experimentalFields[method]?.find((name) => {
      const value = (params as Record<string, unknown>)[name];
      return value !== undefined && value !== null;
    });
    const subject = field === undefined ? method : `${method}.${field}`;
    if (field !== undefined || experimentalMethods.has(method))
      throw new FaultyRefusal(`${subject} requires experimentalApi capability`);
  }
}
