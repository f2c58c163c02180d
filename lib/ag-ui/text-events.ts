import type { TextPart } from '../ai-sdk/text-parts.js';
import type { AgUiEvent } from './ag-ui-event.js';

/** Returns the AG-UI events for a piece of a text or of reasoning. */
export function textEvents(part: TextPart): readonly AgUiEvent[] {
  const messageId = part.id;
  switch (part.type) {
    case 'text-start': {
      const { codex } = part.providerMetadata;
      return [{ type: 'TEXT_MESSAGE_START', messageId, role: 'assistant', metadata: { codex } }];
    }
    case 'reasoning-start':
      return [
        { type: 'REASONING_START', messageId },
        { type: 'REASONING_MESSAGE_START', messageId, role: 'reasoning' },
      ];
    case 'text-delta':
      return [{ type: 'TEXT_MESSAGE_CONTENT', messageId, delta: part.delta }];
    case 'reasoning-delta':
      return [{ type: 'REASONING_MESSAGE_CONTENT', messageId, delta: part.delta }];
    case 'text-end':
      return [{ type: 'TEXT_MESSAGE_END', messageId }];
    case 'reasoning-end':
      return [
        { type: 'REASONING_MESSAGE_END', messageId },
        { type: 'REASONING_END', messageId },
      ];
    default:
      return part satisfies never;
  }
}
