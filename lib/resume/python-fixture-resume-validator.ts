import { execFile, type ExecFileException } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { childEnvironment } from '../transport/child-environment.js';
import { here } from '../transport/here.cjs';
import { ThreadMetadata } from '../record/thread-metadata.js';
import { isPlainObject } from '../shapes.js';
import type { ResumeClaim } from './resume-claim.js';
import { ResumeValidator } from './resume-validator.js';
import { verdictProblem, type RejectedVerdict, type ResumeVerdict } from './resume-verdict.js';

/** Options of a {@link PythonFixtureResumeValidator}; all have defaults in a checkout of this repository. */
export interface PythonFixtureResumeValidatorProps {
  /**
   * The absolute path of the program that answers. @defaultValue `fixtures/python/resume_program.py` of this
   * repository; required with the published package, which does not contain it
   */
  readonly program?: string;
  /** The Python interpreter, 3.8 or newer: a name on `PATH` or a path. @defaultValue `"python3"` */
  readonly python?: string;
  /** The folder of recorded fixtures. @defaultValue the folder of the program */
  readonly fixtures?: string;
  /** The time limit of the program, in milliseconds; after it the program is killed. @defaultValue 10000 */
  readonly timeoutMs?: number;
}

/**
 * Validates against recordings of the real Python client: a small Python program answers from its fixtures.
 *
 * For tests of resume logic: needs neither codex-rs nor a model nor the thread. If Python, the program, the fixtures or
 * an answer in time are missing, the verdict is `backend-unavailable`.
 *
 * @example
 * ```ts
 * await using codex = new Codex({ resumeValidator: new PythonFixtureResumeValidator() });
 * const thread = await codex.resumeThread('c97e1f6f-0000-7000-8000-000000000004');
 * console.log(thread.metadata?.preview); // Say hello
 * ```
 *
 * @example Stubbed in a test
 * ```ts
 * const resumeValidator = sinon.createStubInstance(PythonFixtureResumeValidator);
 * await using codex = new Codex({ resumeValidator, codexHome: home.path });
 *
 * expect(await continueTicket(codex, threadId)).to.equal('Start over: unknown');
 * ```
 */
export class PythonFixtureResumeValidator extends ResumeValidator {
  readonly #props: PythonFixtureResumeValidatorProps;

  constructor(props: PythonFixtureResumeValidatorProps = {}) {
    super();
    this.#props = props;
  }

  protected override async judge({ threadId, continuation }: ResumeClaim): Promise<ResumeVerdict> {
    const { program = ownProgram, fixtures } = this.#props;
    if (program === null || !existsSync(program))
      return unavailable(
        `The program ${program ?? ''} does not exist: the published package does not contain fixtures, so pass { program }.`,
        {},
      );
    const claim = {
      threadId,
      turnId: continuation?.turnId ?? null,
      hasToken: continuation !== null,
      ...(fixtures === undefined ? {} : { fixtures }),
    };
    return this.#read(await this.#ask(program, JSON.stringify(claim)));
  }

  async #ask(program: string, claim: string): Promise<Answer> {
    const { python = 'python3', timeoutMs = 10_000 } = this.#props;
    return new Promise((resolve) => {
      const child = execFile(
        python,
        // Isolated from the user's packages and from the directory of the caller.
        ['-I', program],
        {
          env: childEnvironment(process.env, []),
          timeout: timeoutMs,
          killSignal: 'SIGKILL',
          maxBuffer: longestAnswer,
          windowsHide: true,
        },
        (error, stdout, stderr) => {
          resolve({ error, stdout, stderr: stderr.slice(-2000) });
        },
      );
      // A program that exits without reading its claim is detected by its exit code, not by the broken pipe.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(claim);
    });
  }

  #read({ error, stdout, stderr }: Answer): ResumeVerdict {
    const { python = 'python3', timeoutMs = 10_000 } = this.#props;
    const evidence = { stderr };
    if (error?.code === 'ENOENT')
      return unavailable(
        `${python} was not found: install Python 3, or pass { python } with its path.`,
        evidence,
      );
    if (error?.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
      return unavailable(`${python} sent more than ${longestAnswer} bytes.`, evidence);
    if (error?.killed === true)
      return unavailable(
        `${python} did not answer within ${timeoutMs} ms and was killed.`,
        evidence,
      );
    const answer = parsed(stdout);
    if (error !== null)
      return unavailable(`${python} did not send a verdict: ${reasonIn(answer) ?? error.message}`, {
        ...evidence,
        exitCode: error.code ?? null,
        signal: error.signal ?? null,
      });
    const verdict = verdictIn(answer, evidence);
    const problem = verdictProblem(verdict);
    if (problem === null) return verdict as ResumeVerdict;
    return {
      accepted: false,
      reason: 'unknown',
      message: `${python} sent an invalid verdict: ${problem}.`,
      evidence: { ...evidence, stdout: stdout.slice(0, 2000) },
    };
  }
}

interface Answer {
  readonly error: ExecFileException | null;
  readonly stdout: string;
  readonly stderr: string;
}

const longestAnswer = 16 * 1024 * 1024;
// Both builds, and that of the specs, are three folders below the root of the repository.
const ownProgram =
  here === '' ? null : path.join(here, '../../../../fixtures/python/resume_program.py');

function unavailable(
  message: string,
  evidence: Readonly<Record<string, unknown>>,
): RejectedVerdict {
  return { accepted: false, reason: 'backend-unavailable', message, evidence };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const answer: unknown = JSON.parse(text);
    return isPlainObject(answer) ? answer : {};
  } catch {
    return {};
  }
}

function reasonIn(answer: Readonly<Record<string, unknown>>): string | null {
  return typeof answer.error === 'string' ? answer.error : null;
}

/** The output of the program, with its metadata parsed and its standard error added to the evidence. */
function verdictIn(
  answer: Readonly<Record<string, unknown>>,
  added: Readonly<Record<string, unknown>>,
): unknown {
  const { accepted, metadata, evidence } = answer;
  if (accepted === true) return { ...answer, metadata: ThreadMetadata.fromJSON(metadata) };
  return { ...answer, evidence: { ...(isPlainObject(evidence) ? evidence : {}), ...added } };
}
