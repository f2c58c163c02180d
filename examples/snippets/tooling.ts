// Snippets of the doc comments of in-process tools and structured output.
import { ArrayMinSize, IsIn, IsInt, IsString, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';
import { z } from 'zod';
import { Describe, Tool, ToolImage, tool, type ToolContext } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import type { Stage } from './stage.js';

interface Database {
  payment(id: string, options: { signal: AbortSignal }): Promise<{ id: string; status: string }>;
}

// #region Tool
class PaymentQuery {
  @IsString()
  readonly id!: string;
}

class PaymentsTools {
  constructor(private readonly db: Database) {}

  @Tool({ description: 'Finds a payment by its id.', input: PaymentQuery })
  async findPayment(query: PaymentQuery, { signal }: ToolContext): Promise<object> {
    return this.db.payment(query.id, { signal });
  }
}
// #endregion

export async function decorated({ codex, model }: Stage): Promise<void> {
  const db: Database = {
    payment: async (id) => Promise.resolve({ id, status: 'settled' }),
  };
  model.reply(ScriptedReply.functionCall('findPayment', { id: 'p-1' }));
  // #region Tool
  const thread = codex.thread().withTools(new PaymentsTools(db)).build();
  await thread.run('Is payment p-1 settled?');
  // #endregion
  console.log(model.requests.at(-1)?.toolOutputs[0]?.text); // {"id":"p-1","status":"settled"}
}

export async function withoutDecorators({ codex, model }: Stage): Promise<void> {
  const db: Database = {
    payment: async (id) => Promise.resolve({ id, status: 'settled' }),
  };
  model.reply(ScriptedReply.functionCall('find_payment', { id: 'p-1' }));
  // #region defineTool
  const findPayment = tool({
    name: 'find_payment',
    description: 'Finds a payment by its id.',
    input: z.object({ id: z.string().regex(/^p-\d+$/) }),
    run: async ({ id }, { signal }) => db.payment(id, { signal }),
  });

  const thread = codex.thread().withTools(findPayment).build();
  await thread.run('Is payment p-1 settled?');
  // #endregion
  console.log(model.requests.at(-1)?.toolOutputs[0]?.text); // {"id":"p-1","status":"settled"}
}

// #region ToolImage
class Screen {
  @Tool({ description: 'Takes a screenshot.' })
  screenshot(): ToolImage {
    const png = Buffer.from('89504e470d0a1a0a', 'hex');
    return ToolImage.fromBytes(png, 'image/png');
  }
}
// #endregion

export function image(): void {
  console.log(new Screen().screenshot().imageUrl); // data:image/png;base64,iVBORw0KGgo=
}

// #region Describe
class Finding {
  @Describe('Path of the file, from the root of the repository.')
  @IsString()
  readonly file!: string;

  @IsInt()
  readonly line!: number;

  @IsIn(['low', 'high'])
  readonly risk!: 'low' | 'high';
}

class Review {
  @ValidateNested({ each: true })
  @Type(() => Finding)
  @ArrayMinSize(1)
  readonly findings!: Finding[];
}
// #endregion

export async function output({ codex, model }: Stage): Promise<void> {
  const thread = codex.startThread();
  model.reply(ScriptedReply.message('{"findings":[{"file":"a.ts","line":3,"risk":"low"}]}'));
  // #region Describe
  const { output } = await thread.run('Review the last commit', { output: Review, repairs: 1 });
  for (const { file, line, risk } of output.findings) console.log(`${file}:${line} ${risk}`); // a.ts:3 low
  // #endregion
}
