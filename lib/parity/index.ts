/**
 * Features shared with the Python client `openai-codex`: a {@link TurnRecord} has the JSON format of its `TurnResult`,
 * and a {@link PythonFixtureResumeValidator} validates a resume against recordings of that client.
 *
 * @module codex-threads/parity
 */
import 'reflect-metadata';
// Loaded first: a test can install fake timers later, and a module loaded after that would use them.
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
