/**
 * What programs share with the Python client `openai-codex`: a {@link TurnRecord} has the JSON of its `TurnResult`, and a
 * {@link PythonFixtureResumeValidator} judges a resume by what that client recorded.
 *
 * @module codex-threads/parity
 */
import 'reflect-metadata';
// With the entry, before a test can install fake timers; a file that is loaded later would take those.
import '../timers.js';

export {
  PythonFixtureResumeValidator,
  type PythonFixtureResumeValidatorProps,
} from '../resume/python-fixture-resume-validator.js';
export {
  TurnRecord,
  type EndedTurn,
  type TurnRecordJson,
  type TurnRecordUsage,
} from '../turn/turn-record.js';
