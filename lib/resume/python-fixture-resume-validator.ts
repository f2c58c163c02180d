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

/** How a {@link PythonFixtureResumeValidator} asks; everything has a default in a checkout of this repository. */
export interface PythonFixtureResumeValidatorProps {
  /**
   * The program that answers, as an absolute path. @defaultValue `fixtures/python/resume_program.py` of this repository;
   * the published package does not carry it, so there it must be given
   */
  readonly program?: string;
  /** The Python interpreter, 3.8 or newer: a name on `PATH` or a path. @defaultValue `"python3"` */
  readonly python?: string;
  /** The folder of recorded fixtures to answer from. @defaultValue the folder of the program */
  readonly fixtures?: string;
  /** How long the program may take, in milliseconds; then it is killed. @defaultValue 10000 */
  readonly timeoutMs?: number;
}

/**
 * Judges by what the real Python client recorded of a thread: a small Python program answers from its fixtures.
 *
 * For tests of resume logic: the judgement needs no codex-rs, no model and no thread there. What cannot be asked is `backend-unavailable`: no
 * Python, no program, no fixtures, no answer in time.
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
 * expect(await continueTicket(codex, threadId)).to.equal('Start anew: unknown');
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
        `There is no program ${program ?? ''}: the published package carries no fixtures, so pass { program }.`,
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
        // Isolated: neither the user's packages nor the directory of the caller take part.
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
      // A program that ends without reading its claim is told apart by its exit code, not by the broken pipe.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(claim);
    });
  }

  #read({ error, stdout, stderr }: Answer): ResumeVerdict {
    const { python = 'python3', timeoutMs = 10_000 } = this.#props;
    const evidence = { stderr };
    if (error?.code === 'ENOENT')
      return unavailable(
        `There is no ${python} to ask: install Python 3, or pass { python } with its path.`,
        evidence,
      );
    if (error?.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
      return unavailable(`${python} answered with more than ${longestAnswer} bytes.`, evidence);
    if (error?.killed === true)
      return unavailable(
        `${python} gave no answer within ${timeoutMs} ms, so it was ended.`,
        evidence,
      );
    const answer = parsed(stdout);
    if (error !== null)
      return unavailable(`${python} gave no verdict: ${reasonIn(answer) ?? error.message}`, {
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
      message: `${python} answered with a verdict that is not valid: ${problem}.`,
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
// Both builds, and that of the specs, lie three folders below the root of the repository.
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

/** What the program said, its metadata made a value and what it wrote to its standard error added to the evidence. */
function verdictIn(
  answer: Readonly<Record<string, unknown>>,
  added: Readonly<Record<string, unknown>>,
): unknown {
  const { accepted, metadata, evidence } = answer;
  if (accepted === true) return { ...answer, metadata: ThreadMetadata.fromJSON(metadata) };
  return { ...answer, evidence: { ...(isPlainObject(evidence) ? evidence : {}), ...added } };
}
