import { IsInt, IsOptional, IsString, Min } from 'class-validator';
import { ValidationError } from '../../lib/errors.js';
import type { ToolContext } from '../../lib/tools/tool-context.js';
import type { ReadToolInput } from '../../lib/tools/tool-input-schema.js';
import { Tool } from '../../lib/tools/tool.js';
import { hydrated } from '../../lib/validation.js';

export class PaymentQuery {
  @IsString()
  readonly id!: string;

  @IsOptional()
  @IsInt()
  @Min(1)
  readonly limit?: number;

  /** Methods show that the tool gets an instance. */
  get key(): string {
    return `payment:${this.id}`;
  }
}

/** Schemas by hand: what turns classes into schemas has specs of its own. */
export const paymentQuerySchema = {
  type: 'object',
  properties: { id: { type: 'string' }, limit: { type: 'integer', minimum: 1 } },
  required: ['id'],
  additionalProperties: false,
};

export const readInput: ReadToolInput = (type) => ({
  schema: paymentQuerySchema,
  read: (args) => {
    try {
      return { ok: true, value: hydrated(type, args, 'The arguments') };
    } catch (error) {
      if (!ValidationError.is(error)) throw error;
      return { ok: false, problems: error.problems };
    }
  },
});

/** A class as a user writes it. */
export class PaymentsTools {
  readonly calls: (readonly [query: PaymentQuery, context: ToolContext])[] = [];

  constructor(private readonly status: string) {}

  @Tool({ description: 'Finds a payment by its id.', input: PaymentQuery })
  async findPayment(query: PaymentQuery, context: ToolContext): Promise<string> {
    this.calls.push([query, context]);
    return Promise.resolve(`${query.key} is ${this.status}`);
  }

  @Tool({ description: 'Says hello.' })
  hello(): string {
    return 'hello';
  }
}
