import { IsInt, IsOptional, IsString, Min } from 'class-validator';
import type { ToolContext } from '../../lib/tools/tool-context.js';
import { Tool } from '../../lib/tools/tool.js';

export class PaymentQuery {
  @IsString()
  readonly id!: string;

  @IsOptional()
  @IsInt()
  @Min(1)
  readonly limit?: number;

  /** Its methods show that the tool gets an instance. */
  get key(): string {
    return `payment:${this.id}`;
  }
}

/** The description of {@link PaymentQuery} for the model. */
export const paymentQuerySchema = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    limit: { type: 'integer', description: 'Constraints: at least 1.' },
  },
  required: ['id'],
  additionalProperties: false,
};

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
