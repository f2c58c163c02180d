import { IsOptional } from 'class-validator';
import { ValidationError } from '../errors.js';
import { isAbortSignal } from '../shapes.js';
import { examined } from '../validation.js';
import { everySource, sortOrder, sortTime, sourceKinds } from './listing-rules.js';
import { readOptions, takenOut } from '../options/option-reader.js';
import { flag, isText, rule } from '../options/option-rules.js';
import type { ThreadFilterRecord, ThreadSourceKind } from './thread-filter.js';

// codex-rs takes no longer ones.
const maxQueryBytes = 65_536;

/** Which threads are searched, and how the matches come. */
export interface SearchOptions extends Pick<ThreadFilterRecord, 'archived' | 'sources' | 'order'> {
  /** By which time the matches are ordered. Defaults to `updatedAt`. */
  readonly sort?: 'updatedAt' | 'recencyAt' | undefined;
  /**
   * Whether matches that codex-rs finds while it still searches come first, ahead of the order. Each match comes once
   * either way. Defaults to `true`.
   */
  readonly provisional?: boolean | undefined;
  /** Cancels the search; the iteration throws its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A validated search. */
export class SearchRequest {
  @rule('query', isText, 'must be a non-empty string')
  @rule('size', isSmallEnough, `must have at most ${maxQueryBytes} bytes of UTF-8`)
  readonly query!: string;

  @flag()
  readonly archived: boolean = false;

  @sourceKinds()
  readonly sources: readonly ThreadSourceKind[] = everySource;

  // Not by the time of creation: codex-rs 0.171.0 loses threads of the same second between its pages then.
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

  /** @throws {@link ValidationError} with everything that is wrong with the query and the options */
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
