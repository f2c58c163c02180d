/**
 * A skill for the model to read, as one part of a turn's input.
 *
 * @example
 * ```ts
 * const skill = new SkillInput('release', '/repo/.codex/skills/release/SKILL.md');
 * const mention = new MentionInput('checkout.ts', '/repo/lib/checkout.ts');
 * console.log(skill.type, mention.type); // skill mention
 * ```
 */
export class SkillInput {
  /** Discriminator. */
  readonly type = 'skill';
  /** The skill's own name. */
  readonly name: string;
  /** The path of its `SKILL.md`; a relative one starts at this process's current directory. */
  readonly path: string;

  constructor(name: string, path: string) {
    this.name = name;
    this.path = path;
  }
}
