import { IsOptional } from '../deferred-decorators.js';
import { ValidationError } from '../errors.js';
import { isAbortSignal } from '../shapes.js';
import { examined } from '../validation.js';
import { everySource, sortOrder, sortTime, sourceKinds } from './listing-rules.js';
import { readOptions, takenOut } from '../options/option-reader.js';
import { flag, isText, rule } from '../options/option-rules.js';
import type { ThreadFilterRecord, ThreadSourceKind } from './thread-filter.js';

// codex-rs rejects longer queries.
const maxQueryBytes = 65_536;

/** The threads to search, and the order of the matches. */
export interface SearchOptions extends Pick<ThreadFilterRecord, 'archived' | 'sources' | 'order'> {
  /** The time that sorts the matches. Defaults to `updatedAt`. */
  readonly sort?: 'updatedAt' | 'recencyAt' | undefined;
  /**
   * Whether to yield matches as soon as codex-rs finds them, before it sorts the others. Either way, each match is
   * yielded once. Defaults to `true`.
   */
  readonly provisional?: boolean | undefined;
  /** Cancels the search. The iteration throws its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A validated search. */
export class SearchRequest {
  @rule('query', isText, 'must be a non-empty string')
  @rule('size', isSmallEnough, `must be at most ${maxQueryBytes} bytes in UTF-8`)
  readonly query!: string;

  @flag()
  readonly archived: boolean = false;

  @sourceKinds()
  readonly sources: readonly ThreadSourceKind[] = everySource;

  // The time of creation is excluded: with it, codex-rs 0.171.0 loses threads of the same second between pages.
  @sortTime('updatedAt', 'recencyAt')
  readonly sort: 'updatedAt' | 'recencyAt' = 'updatedAt';

  @sortOrder()
  readonly order: 'newestFirst' | 'oldestFirst' = 'newestFirst';

  @flag()
  readonly provisional: boolean = true;

  @IsOptional()
  @rule('signal', isAbortSignal, 'must be an AbortSignal')
  readonly signal?: AbortSignal;

  private constructor(values: object) {
    Object.assign(this, values);
  }

  /** @throws {@link ValidationError} with every problem in the query and the options */
  static from(query: string, options: SearchOptions): SearchRequest {
    const { taken, rest } = takenOut(options, ['signal']);
    const { values, problems } = readOptions(SearchRequest.prototype, rest);
    const examination = examined(new SearchRequest({ query, ...values, ...taken }), problems);
    if (examination.ok) return examination.value;
    throw new ValidationError('thread search', examination.problems);
  }
}

function isSmallEnough(query: unknown): boolean {
  return typeof query !== 'string' || Buffer.byteLength(query.trim()) <= maxQueryBytes;
}
