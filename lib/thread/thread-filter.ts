import { ValidationError } from '../errors.js';
import type * as protocol from '../protocol/index.js';
import { examined } from '../validation.js';
import { everySource, sortOrder, sortTime, sourceKinds } from './listing-rules.js';
import { pathOrPaths } from '../options/location-rules.js';
import type { Entries } from '../options/option-records.js';
import { readOptions } from '../options/option-reader.js';
import { flag, text, texts } from '../options/option-rules.js';

/** The kinds of program that start threads: a terminal, an editor or other app-server client, `codex exec`, a sub-agent. */
export type ThreadSourceKind = protocol.ThreadSourceKind;

/** The threads to list, and their order. codex-rs applies the filter. */
export interface ThreadFilterRecord {
  /** Only threads that work in this directory, or in one of these; relative paths are resolved. */
  readonly cwd?: string | readonly string[] | undefined;
  /** Whether to list the archived threads instead of the others. Defaults to `false`. */
  readonly archived?: boolean | undefined;
  /** Only threads that these kinds of program started. Defaults to all kinds. */
  readonly sources?: readonly ThreadSourceKind[] | undefined;
  /** Only threads with these model providers. Defaults to all. */
  readonly modelProviders?: readonly string[] | undefined;
  /** Only threads whose name contains this text; for a thread without a name, its beginning counts. */
  readonly search?: string | undefined;
  /** The time that sorts the threads. Defaults to `createdAt`. */
  readonly sort?: 'createdAt' | 'updatedAt' | 'recencyAt' | undefined;
  /** The sort order. Defaults to `newestFirst`. */
  readonly order?: 'newestFirst' | 'oldestFirst' | undefined;
}

/** A thread filter as an object, a `Map`, or `[name, value]` entries. */
export type ThreadFilterInput = ThreadFilterRecord | Entries;

/** A validated {@link ThreadFilterRecord}. @internal */
export class ThreadFilter {
  @pathOrPaths({ also: ['workingDirectory'] })
  readonly cwd?: readonly string[];

  @flag()
  readonly archived?: boolean;

  @sourceKinds()
  readonly sources: readonly ThreadSourceKind[] = everySource;

  @texts()
  readonly modelProviders: readonly string[] = [];

  @text({ also: ['searchTerm'] })
  readonly search?: string;

  @sortTime('createdAt', 'updatedAt', 'recencyAt')
  readonly sort: 'createdAt' | 'updatedAt' | 'recencyAt' = 'createdAt';

  @sortOrder()
  readonly order: 'newestFirst' | 'oldestFirst' = 'newestFirst';

  private constructor(values: object) {
    Object.assign(this, values);
  }

  /** @throws {@link ValidationError} with every problem in the input */
  static from(input: ThreadFilterInput): ThreadFilter {
    const { values, problems } = readOptions(ThreadFilter.prototype, input);
    const examination = examined(new ThreadFilter(values), problems);
    if (examination.ok) return examination.value;
    throw new ValidationError('thread filter', examination.problems);
  }
}
