import type { RecordedItem } from '../record/recorded-history.js';

/** The groups of items with the same colour. */
export const itemKinds = ['message', 'reasoning', 'command', 'file', 'tool', 'other'] as const;

/** A group of items with the same colour. */
export type ItemKind = (typeof itemKinds)[number];

/** Returns the group of an item. Types of a newer codex-rs belong to `other`. */
export function kindOf({ type }: RecordedItem['item']): ItemKind {
  switch (type) {
    case 'userMessage':
    case 'agentMessage':
      return 'message';
    case 'reasoning':
    case 'plan':
      return 'reasoning';
    case 'commandExecution':
      return 'command';
    case 'fileChange':
      return 'file';
    case 'mcpToolCall':
    case 'dynamicToolCall':
    case 'collabAgentToolCall':
    case 'functionCallOutput':
    case 'webSearch':
      return 'tool';
    default:
      return 'other';
  }
}
