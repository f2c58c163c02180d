// Finds words and phrases that the Language section of the style guide rules out, in code, comments, spec titles and pages.
// usage: node scripts/check-wording.mjs [PATH ...]
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Code and pages of this repository, without generated and recorded files. */
const kinds = /\.(?:ts|tsx|mjs|cjs|js|py|md)$/;
const excluded = [/^api\//, /^bench\/results\.md$/, /^scripts\/check-wording\.mjs$/];

/** Each pattern with a remedy. Identifiers and quoted single words, such as 'anew', do not count. */
const phrases = [
  [/\b(?:nobody|somebody|anybody|everybody|whoever)\b/i, 'name the subject: the caller, a client'],
  [/\bwhatever\b/i, 'use "any", "every", "regardless of"'],
  [/\bwhence\b|\banew\b/i, 'use "from where", "again"'],
  [/\bmend(?:s|ed|ing)?\b/i, 'use "correct", "fix", "repair"'],
  [/\bfor ever\b/i, 'use "indefinitely" or "permanently"'],
  [
    /(?<!there )\b(?:is|are) no (?!(?:long|fast|slow|larg|small|high|low|lat|new|old)er\b|more\b|less\b)/i,
    'use "is not a"',
  ],
  [/\bthat (?:is|are) none\b/i, 'use "is not a valid …"'],
  [/\b(?:hands?|handed) (?:on|down) (?!the|a)\b/i, 'use "passes", "forwards", "inherits"'],
  [/\b(?:takes|taken|took) in\b/i, 'use "accepts", "reads"'],
  [/\bfor the sake of\b/i, 'use "for" or "to"'],
  [/\b(?:goes|go|going|went|gone) on (?!a |the |at |that )/i, 'use "continue"'],
  [/\b(?:put|puts|putting) back\b/i, 'use "restore"'],
  [
    /\b(?:an?|the|no) (?:[\w-]+ ){1,2}of (?:its|his|their|our) own(?! \w)/i,
    'use "its own …", "a separate …"',
  ],
  [/\b(?:says|say|said) so\b/i, 'use "reports", "states"'],
  [/\b(?:is|are|was|were) told\b/i, 'use "receives", "is notified"'],
  [/\b(?:knows|heard|hears|tells) of\b/i, 'use "has", "detects", "reports"'],
  [/\bas (?:it|they) stands?\b/i, 'use "the current state", "unchanged"'],
  [/\bgives? back\b/i, 'use "returns"'],
  [/\bof no use\b/i, 'use "obsolete"'],
  [/\bhow(?:ever)? (?:often|long) it (?:is|was)\b/i, 'use "regardless of the number of …"'],
  [/\blies? (?:in|behind|below|over)\b/i, 'use "is in", "is located in"'],
  [/\b(?:it|describe)\((['"`])should\b/, 'state a fact in the present tense'],
  [/\/\*\* Wh(?:at|om?) (?!if\b)/, 'begin with a noun: "Properties of …", "The …"'],
  [/(?:\/\*\*|\*) Tells\b/, 'use "Reports", "Returns"'],
  [/\btells? (?:it|them) (?:apart|from)\b/i, 'use "distinguishes"; for a union "Discriminator."'],
];

const given = process.argv.slice(2);
const files = execFileSync('git', ['ls-files', '-z', ...given], { encoding: 'utf8' })
  .split('\0')
  .filter((file) => kinds.test(file) && !excluded.some((path) => path.test(file)));

const findings = files.flatMap((file) =>
  textLines(file).flatMap(({ text, number }) =>
    phrases
      .filter(([pattern]) => pattern.test(text))
      .map(([, remedy]) => `${file}:${number}: ${text.trim()}\n    ${remedy}`),
  ),
);
if (findings.length > 0) {
  console.error(`${findings.join('\n')}\n${findings.length} texts need other wording.`);
  process.exit(1);
}

/** The lines of a file with their numbers, without code in pages, single quoted words, and marked test data. */
function textLines(file) {
  let isCode = false;
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line, index) => {
      const number = index + 1;
      if (!file.endsWith('.md')) return { text: withoutNames(line), number };
      if (/^\s*(?:```|~~~)/.test(line)) isCode = !isCode;
      return { text: isCode ? '' : line.replaceAll(/`[^`]*`/g, '`…`'), number };
    });
}

function withoutNames(line) {
  return /\/\/ wording: data$/.test(line) ? '' : line.replaceAll(/(['"`])[\w-]+\1/g, '…');
}
