import { Body, ConflictException, Controller, Inject, Param, Post } from '@nestjs/common';
import { ResumeRejectedError } from '../../lib/index.js';
import { RequestThreads } from '../../lib/nestjs/index.js';

interface TurnRequest {
  readonly input: string;
  readonly threadId?: string;
}

interface TurnAnswer {
  readonly threadId: string;
  readonly answer: string | null;
}

// #region controller
@Controller('tickets/:ticket/turns')
export class TurnsController {
  constructor(@Inject(RequestThreads) private readonly threads: RequestThreads) {}

  @Post()
  async run(@Param('ticket') ticket: string, @Body() body: TurnRequest): Promise<TurnAnswer> {
    const builder = this.threads.thread().withLabels({ ticket });
    try {
      const thread =
        body.threadId === undefined ? builder.build() : await builder.resume(body.threadId);
      const { threadId, finalResponse } = await thread.run(body.input);
      return { threadId, answer: finalResponse };
    } catch (error) {
      if (!ResumeRejectedError.is(error)) throw error;
      throw new ConflictException(error.reason, { cause: error });
    }
  }
}
// #endregion
