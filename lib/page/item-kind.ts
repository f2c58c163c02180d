import type { RecordedItem } from '../record/recorded-history.js';

/** The groups of items that share a colour. */
export const itemKinds = ['message', 'reasoning', 'command', 'file', 'tool', 'other'] as const;

/** A group of items that share a colour. */
export type ItemKind = (typeof itemKinds)[number];

/** The group of an item; a type of a newer codex-rs is among the others. */
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
