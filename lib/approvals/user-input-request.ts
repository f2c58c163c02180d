import { ValidationError, type ValidationProblem } from '../errors.js';
import type {
  ToolRequestUserInputParams,
  ToolRequestUserInputQuestion,
  ToolRequestUserInputResponse,
} from '../protocol/index.js';
import { isPlainObject } from '../shapes.js';
import { shown } from '../validation.js';
import type { ApprovalDecision, ApprovalVerdict } from './approval-decision.js';
import { DecidableRequest, type RequestOrigin } from './decidable-request.js';

/** The answers to questions, by question id: one text or several. @inline */
export type UserAnswers = Readonly<Record<string, string | readonly string[]>>;

/** The model asks the user questions. */
export class UserInputRequest extends DecidableRequest {
  /** Discriminator. */
  readonly kind = 'userInput' as const;
  declare readonly turnId: string;
  declare readonly itemId: string;
  /** The questions, each with its id and its options, if any. */
  readonly questions: readonly ToolRequestUserInputQuestion[];
  /** Whether the model needs the answers to continue. */
  readonly isBlocking: boolean;

  /** @internal */
  constructor(params: ToolRequestUserInputParams, origin: RequestOrigin) {
    const { threadId, turnId, itemId } = params;
    super({ ...origin, threadId, turnId, itemId, decisions: ['answer', 'deny', 'pass'] });
    this.questions = params.questions;
    this.isBlocking = params.isBlocking;
  }

  /**
   * Sends the answers to the model. Omitted questions stay unanswered.
   *
   * @throws `ValidationError` for an unknown question id, an answer that is not a text, and an answer outside the
   * options of a question without free text. codex-rs would pass all of them to the model.
   */
  answer(answers: UserAnswers): ApprovalDecision {
    const problems = isPlainObject(answers)
      ? Object.entries(answers).flatMap(([id, given]) => this.#problemsOf(id, given))
      : [
          {
            path: '',
            reason: `must be an object of answers by question id, got ${shown(answers)}`,
          },
        ];
    if (problems.length > 0) throw new ValidationError('answers', problems);
    const reply: ToolRequestUserInputResponse = {
      answers: Object.fromEntries(
        Object.entries(answers).map(([id, given]) => [id, { answers: [given].flat() }]),
      ),
    };
    return this.decided('answer', reply);
  }

  /** Sends no answers. The model continues without them. */
  override deny(reason?: string): ApprovalDecision {
    return this.decided('deny', { answers: {} } satisfies ToolRequestUserInputResponse, reason);
  }

  /** @internal */
  protected override decidedWith(
    decision: ApprovalVerdict,
    answers: Readonly<Record<string, unknown>> | undefined,
  ): ApprovalDecision {
    return decision === 'answer'
      ? this.answer(answers as UserAnswers)
      : super.decidedWith(decision, answers);
  }

  #problemsOf(id: string, given: unknown): readonly ValidationProblem[] {
    const question = this.questions.find((asked) => asked.id === id);
    if (question === undefined) {
      const ids = this.questions.map((asked) => asked.id).join(', ');
      return [{ path: id, reason: `is not the id of a question: the ids are ${ids}` }];
    }
    const labels = question.options?.map(({ label }) => label) ?? [];
    return [given].flat().flatMap((answer) => {
      if (typeof answer !== 'string')
        return [{ path: id, reason: `must be a string, got ${shown(answer)}` }];
      if (question.isOther || labels.length === 0 || labels.includes(answer)) return [];
      return [{ path: id, reason: `must be one of ${labels.join(', ')}, got ${shown(answer)}` }];
    });
  }
}
