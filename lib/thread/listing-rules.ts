import type { ThreadSourceKind } from '../protocol/index.js';
import { choice, listOf, option, rule } from '../options/option-rules.js';

/** Every kind of program that starts threads. @internal */
export const everySource: readonly ThreadSourceKind[] = [
  'cli',
  'vscode',
  'exec',
  'appServer',
  'subAgent',
  'subAgentReview',
  'subAgentCompact',
  'subAgentThreadSpawn',
  'subAgentOther',
  'unknown',
];

/** Which kinds of program started the threads. @internal */
export function sourceKinds(): PropertyDecorator {
  return option(
    { also: ['sourceKinds'] },
    listOf((value) => value),
    rule(
      'sources',
      (value) =>
        Array.isArray(value) && value.every((one) => everySource.includes(one as ThreadSourceKind)),
      `must be a list of: ${everySource.join(', ')}`,
    ),
  );
}

/** The time by which threads are ordered: one of these. @internal */
export function sortTime(...times: readonly string[]): PropertyDecorator {
  return choice(times, {
    also: ['sortKey'],
    spellings: { created_at: 'createdAt', updated_at: 'updatedAt', recency_at: 'recencyAt' },
  });
}

/** Which end of the order comes first. @internal */
export function sortOrder(): PropertyDecorator {
  return choice(['newestFirst', 'oldestFirst'], {
    also: ['sortDirection'],
    spellings: { desc: 'newestFirst', asc: 'oldestFirst' },
  });
}
