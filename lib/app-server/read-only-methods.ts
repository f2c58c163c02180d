import type { ClientRequests } from '../protocol/index.js';

/** The requests that change nothing: they may be sent twice, so an overloaded server is asked again. */
export const readOnlyMethods: ReadonlySet<keyof ClientRequests> = new Set([
  'account/read',
  'account/rateLimits/read',
  'account/usage/read',
  'config/read',
  'configRequirements/read',
  'mcpServerStatus/list',
  'model/list',
  'server/diagnostics',
  'skills/list',
  'thread/attachment/list',
  'thread/attachmentOwner/list',
  'thread/backgroundTerminals/list',
  'thread/goal/get',
  'thread/items/list',
  'thread/list',
  'thread/loaded/list',
  'thread/read',
  'thread/search',
  'thread/turns/list',
] satisfies (keyof ClientRequests)[]);
