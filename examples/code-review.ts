// Reviews a change, with findings as typed data: a decorated class is the schema, the validator and the type.
// It exits with 1 if there are errors among them, like a check in CI, and with 2 without a review.
//
// npm run example code-review
// npm run example code-review -- --live    with your own key or login
import 'reflect-metadata';
import { Type } from 'class-transformer';
import { IsArray, IsIn, IsInt, IsString, Min, ValidateNested } from 'class-validator';
import { Codex, Describe, OutputValidationError } from '../lib/index.js';
import { ScriptedReply } from '../lib/testing/index.js';
import { LiveOrScripted } from './live-or-scripted.js';

class Finding {
  @Describe('Path of the file, from the root of the repository.')
  @IsString()
  readonly file!: string;

  @IsInt()
  @Min(1)
  readonly line!: number;

  @IsIn(['info', 'warning', 'error'])
  readonly severity!: 'info' | 'warning' | 'error';

  @Describe('What is wrong and what to do, in one sentence.')
  @IsString()
  readonly message!: string;
}

class Review {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => Finding)
  readonly findings!: Finding[];

  get hasErrors(): boolean {
    return this.findings.some(({ severity }) => severity === 'error');
  }
}

const finding = { file: 'lib/a.ts', line: 3, severity: 'error', message: 'Await the promise.' };
await using place = await LiveOrScripted.start(
  ScriptedReply.message(JSON.stringify({ findings: [{ ...finding, line: 0 }] })),
  ScriptedReply.message(JSON.stringify({ findings: [finding] })),
);
await using codex = new Codex(place.options);
const thread = codex.startThread({ workingDirectory: process.cwd(), sandboxMode: 'read-only' });

try {
  // One repair: an invalid answer is returned to the model once, with its problems.
  const { output } = await thread.run('Review the last commit of this repository.', {
    output: Review,
    repairs: 1,
  });
  for (const { file, line, severity, message } of output.findings)
    console.log(`${file}:${line}: ${severity}: ${message}`);
  process.exitCode = output.hasErrors ? 1 : 0;
} catch (error) {
  if (!OutputValidationError.is(error)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
