import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import { IsString } from 'class-validator';
import { expectTypeOf } from 'expect-type';
import * as v from 'valibot';
import * as z from 'zod';
import type { JsonObject, OutputFormat, OutputOutcome } from '../../lib/output/output-format.js';
import { outputFormat, type OutputOf } from '../../lib/output/output-schema.js';

describe('The type of an answer', () => {
  class Report {
    @IsString() summary!: string;
  }

  it('is the instance of the class', () => {
    expectTypeOf(outputFormat(Report)).toEqualTypeOf<OutputFormat<Report>>();
    expectTypeOf(outputFormat(Report).parse('')).toEqualTypeOf<OutputOutcome<Report>>();
    expectTypeOf<OutputOf<typeof Report>>().toEqualTypeOf<Report>();
  });

  it('is a plain object for a JSON Schema', () => {
    const jsonSchema = {
      type: 'object',
      properties: {},
      required: [],
      additionalProperties: false,
    };

    expectTypeOf(outputFormat({ jsonSchema })).toEqualTypeOf<OutputFormat<JsonObject>>();
  });

  it('is the output of a schema of Zod', () => {
    const schema = z.object({ n: z.string().transform(Number), o: z.string().optional() });

    expectTypeOf(outputFormat(schema)).toEqualTypeOf<
      OutputFormat<{ n: number; o?: string | undefined }>
    >();
  });

  it('is the output of a schema of ArkType', () => {
    const schema = type({ n: 'number', 'o?': 'string' });

    expectTypeOf(outputFormat(schema)).toEqualTypeOf<OutputFormat<{ n: number; o?: string }>>();
  });

  it('is the output of a schema of Valibot', () => {
    const schema = toStandardJsonSchema(v.object({ n: v.number(), o: v.optional(v.string()) }));

    expectTypeOf(outputFormat(schema)).toEqualTypeOf<
      OutputFormat<{ n: number; o?: string | undefined }>
    >();
  });

  it('is known only after checking the outcome', () => {
    const outcome = outputFormat(Report).parse('{}');

    expectTypeOf(outcome).not.toHaveProperty('value');
    if (outcome.ok) expectTypeOf(outcome.value.summary).toEqualTypeOf<string>();
    else expectTypeOf(outcome.problems[0]?.path).toEqualTypeOf<string | undefined>();
  });

  it('is not inferred from a class whose constructor needs arguments, an instance or a bare schema', () => {
    class Demanding {
      @IsString() readonly name: string;
      constructor(name: string) {
        this.name = name;
      }
    }
    const wrong = (): void => {
      // @ts-expect-error: it cannot be made without arguments.
      outputFormat(Demanding);
      // @ts-expect-error: an instance describes nothing.
      outputFormat(new Report());
      // @ts-expect-error: a JSON Schema goes under the key jsonSchema.
      outputFormat({ type: 'object' });
    };

    expectTypeOf(wrong).toBeFunction();
  });
});
