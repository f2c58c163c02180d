/**
 * A file or app mentioned by name, as one part of a turn's input.
 *
 * @example
 * ```ts
 * const skill = new SkillInput('release', '/repo/.codex/skills/release/SKILL.md');
 * const mention = new MentionInput('checkout.ts', '/repo/lib/checkout.ts');
 * console.log(skill.type, mention.type); // skill mention
 * ```
 */
export class MentionInput {
  /** Discriminator. */
  readonly type = 'mention';
  /** The name as the user would type it. */
  readonly name: string;
  /** Its target: the path of a file, or an address such as `app://mail`. */
  readonly path: string;

  constructor(name: string, path: string) {
    this.name = name;
    this.path = path;
  }
}
