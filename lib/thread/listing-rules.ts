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

/** The kinds of program that started the threads. @internal */
export function sourceKinds(): PropertyDecorator {
  return option(
    { also: ['sourceKinds'] },
    listOf((value) => value),
    rule(
      'sources',
      (value) =>
        Array.isArray(value) && value.every((one) => everySource.includes(one as ThreadSourceKind)),
      `must be an array of: ${everySource.join(', ')}`,
    ),
  );
}

/** The time that sorts the threads: one of `times`. @internal */
export function sortTime(...times: readonly string[]): PropertyDecorator {
  return choice(times, {
    also: ['sortKey'],
    spellings: { created_at: 'createdAt', updated_at: 'updatedAt', recency_at: 'recencyAt' },
  });
}

/** The sort order. @internal */
export function sortOrder(): PropertyDecorator {
  return choice(['newestFirst', 'oldestFirst'], {
    also: ['sortDirection'],
    spellings: { desc: 'newestFirst', asc: 'oldestFirst' },
  });
}
