const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const form = new RegExp(
  `^rollout-(?<date>\\d{4}-\\d{2}-\\d{2})T(?<time>\\d{2}-\\d{2}-\\d{2})-(?<threadId>${uuid})(?:_(?<revertId>${uuid}))?\\.jsonl$`,
);

/**
 * What the name of a rollout file says: `rollout-<local time>-<thread>.jsonl`, and behind `_` the id of the revert that began
 * the file. codex-rs finds threads by these names.
 */
export class RolloutName {
  readonly text: string;
  readonly threadId: string;
  /** The id that `history_base` refers to the file by: that of the revert, or of the thread. */
  readonly fileId: string;
  readonly #date: string;
  readonly #time: string;

  private constructor(text: string, groups: Readonly<Record<string, string | undefined>>) {
    const { date = '', time = '', threadId = '', revertId } = groups;
    this.text = text;
    this.threadId = threadId;
    this.fileId = revertId ?? threadId;
    this.#date = date;
    this.#time = time;
  }

  /** What a file name says, or null if it is none of a rollout. */
  static parse(text: string): RolloutName | null {
    const { groups } = form.exec(text) ?? {};
    return groups === undefined ? null : new RolloutName(text, groups);
  }

  /** What a path relative to the home says, or null unless it is exactly where codex-rs puts such a file. */
  static at(path: string): RolloutName | null {
    const name = RolloutName.parse(path.slice(path.lastIndexOf('/') + 1));
    return name?.path === path ? name : null;
  }

  /** Where the file belongs, relative to the home. */
  get path(): string {
    return `sessions/${this.#date.replaceAll('-', '/')}/${this.text}`;
  }

  /** The names that the file of another id may have that the same machine began: its time is in its id. */
  namesOf(fileId: string): readonly string[] {
    const own = Date.parse(`${this.#date}T${this.#time.replaceAll('-', ':')}Z`);
    // Names have local times, ids have UTC.
    const zone = Math.round((own - timeOf(this.fileId)) / quarterMs) * quarterMs;
    const subjects = [fileId, `${this.threadId}_${fileId}`];
    // The name is made a moment after the id.
    return [0, 1, -1, 2].flatMap((seconds) => {
      const time = new Date(timeOf(fileId) + zone + seconds * 1000).toISOString();
      const stamp = time.slice(0, 19).replaceAll(':', '-');
      return subjects.map((subject) => `rollout-${stamp}-${subject}.jsonl`);
    });
  }
}

const quarterMs = 900_000;

/** When an id was made, in milliseconds: codex-rs makes UUIDs of version 7. */
function timeOf(id: string): number {
  return Number.parseInt(id.replace('-', '').slice(0, 12), 16);
}
