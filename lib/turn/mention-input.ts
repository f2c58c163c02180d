/**
 * Something the user points at by name, as one part of what the user says in a turn.
 *
 * @example
 * ```ts
 * const skill = new SkillInput('release', '/repo/.codex/skills/release/SKILL.md');
 * const mention = new MentionInput('checkout.ts', '/repo/lib/checkout.ts');
 * console.log(skill.type, mention.type); // skill mention
 * ```
 */
export class MentionInput {
  /** Tells the parts apart. */
  readonly type = 'mention';
  /** The name as the user would type it. */
  readonly name: string;
  /** What it stands for: the path of a file, or an address such as `app://mail`. */
  readonly path: string;

  constructor(name: string, path: string) {
    this.name = name;
    this.path = path;
  }
}
