// Finds words and phrases that the Language section of the style guide rules out. usage: node scripts/check-wording.mjs
// The list of paths grows as texts are rewritten.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const rooms =
  'account cli isolation nestjs opentelemetry output parity record remote resume telemetry testing tools transport wire'.split(
    ' ',
  );
const rootFiles = readdirSync('lib').filter((name) => name.endsWith('.ts'));
const paths = [
  ...rootFiles.map((name) => join('lib', name)),
  ...rooms.map((room) => join('lib', room)),
  ...rooms
    .map((room) => join('spec', room))
    .filter((path) => statSync(path, { throwIfNoEntry: false })),
];

/** Each pattern with a remedy. Identifiers and quoted single words, such as 'anew', do not count. */
const phrases = [
  [/\b(?:nobody|somebody|whoever)\b/i, 'name the subject: the caller, another process, the user'],
  [/\bwhence\b|\banew\b/i, 'use "from where", "again"'],
  [/\bmend(?:s|ed|ing)?\b/i, 'use "correct", "fix", "repair"'],
  [/\bfor ever\b/i, 'use "indefinitely" or "permanently"'],
  [/(?<!there )\b(?:is|are) no (?!longer\b|more\b)/i, 'use "is not a"'],
  [/\bthat is none\b/i, 'use "is not a valid …"'],
  [/\b(?:hands?|handed) (?:on|down) (?!the|a)\b/i, 'use "passes", "forwards", "inherits"'],
  [/\btakes in\b|\btaken in\b/i, 'use "accepts", "reads"'],
  [/\bfor the sake of\b/i, 'use "for" or "to"'],
  [/\bit\((['"`])should\b/, 'state a fact in the present tense'],
  [/\/\*\* Wh(?:at|om?) (?!if\b)/, 'begin with a noun: "Properties of …", "The …"'],
  [/(?:\/\*\*|\*) Tells\b/, 'use "Reports", "Returns"'],
  [/\bTells (?:it|them) (?:apart|from)\b/i, 'use "Discriminator."'],
];

const findings = paths.flatMap(filesAt).flatMap((file) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line, index) =>
      phrases
        .filter(([pattern]) => pattern.test(withoutNames(line)))
        .map(([, remedy]) => `${file}:${index + 1}: ${line.trim()}\n    ${remedy}`),
    ),
);
if (findings.length > 0) {
  console.error(`${findings.join('\n')}\n${findings.length} texts need other wording.`);
  process.exit(1);
}

function filesAt(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(path, name));
}

/** The line without single words in quotes, and without test data marked as such. */
function withoutNames(line) {
  return /\/\/ wording: data$/.test(line) ? '' : line.replaceAll(/(['"`])[\w-]+\1/g, '');
}
