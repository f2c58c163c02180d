const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const form = new RegExp(
  `^rollout-(?<date>\\d{4}-\\d{2}-\\d{2})T(?<time>\\d{2}-\\d{2}-\\d{2})-(?<threadId>${uuid})(?:_(?<revertId>${uuid}))?\\.jsonl$`,
);

/**
 * The parts of a rollout file name: `rollout-<local time>-<thread>.jsonl`, with the id of the revert that began the file
 * after `_`. codex-rs finds threads by these names.
 */
export class RolloutName {
  readonly text: string;
  readonly threadId: string;
  /** The id used for the file in `history_base`: that of the revert, or of the thread. */
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

  /** Parses a file name; null if it is not the name of a rollout. */
  static parse(text: string): RolloutName | null {
    const { groups } = form.exec(text) ?? {};
    return groups === undefined ? null : new RolloutName(text, groups);
  }

  /** Parses a path relative to the home; null unless it is exactly where codex-rs stores such a file. */
  static at(path: string): RolloutName | null {
    const name = RolloutName.parse(path.slice(path.lastIndexOf('/') + 1));
    return name?.path === path ? name : null;
  }

  /** The path of the file, relative to the home. */
  get path(): string {
    return `sessions/${this.#date.replaceAll('-', '/')}/${this.text}`;
  }

  /** The possible file names for another id created on the same machine: the id contains its time. */
  namesOf(fileId: string): readonly string[] {
    const own = Date.parse(`${this.#date}T${this.#time.replaceAll('-', ':')}Z`);
    // Names have local times, ids have UTC.
    const zone = Math.round((own - timeOf(this.fileId)) / quarterMs) * quarterMs;
    const subjects = [fileId, `${this.threadId}_${fileId}`];
    // The name is created shortly after the id.
    return [0, 1, -1, 2].flatMap((seconds) => {
      const time = new Date(timeOf(fileId) + zone + seconds * 1000).toISOString();
      const stamp = time.slice(0, 19).replaceAll(':', '-');
      return subjects.map((subject) => `rollout-${stamp}-${subject}.jsonl`);
    });
  }
}

const quarterMs = 900_000;

/** The creation time of an id, in milliseconds: codex-rs creates UUIDs of version 7. */
function timeOf(id: string): number {
  return Number.parseInt(id.replace('-', '').slice(0, 12), 16);
}
