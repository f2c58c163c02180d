import { expect } from 'chai';
import { IsDate } from 'class-validator';
import { CodexError, ValidationError } from '../../lib/errors.js';
import { Tool, type ToolOptions } from '../../lib/tools/tool.js';
import { Toolbox } from '../../lib/tools/toolbox.js';
import { ToolsChangedError } from '../../lib/tools/tools-changed-error.js';
import { paymentQuerySchema, PaymentsTools } from './payments-tools.js';

/** An object with one tool. */
function offering(options: Partial<ToolOptions> = {}): object {
  class Offering {
    @Tool({ description: 'Says hello.', ...options } as ToolOptions<Record<string, never>>)
    hello(): string {
      return 'hello';
    }
  }
  return new Offering();
}

/** An object with the given number of tools, named `tool_0` and so on. */
function catalogue(size: number): object {
  class Catalogue {
    answer(): string {
      return 'here';
    }
  }
  const descriptor = Object.getOwnPropertyDescriptor(Catalogue.prototype, 'answer')!;
  for (const name of Array.from({ length: size }, (_, index) => `tool_${index}`)) {
    Object.defineProperty(Catalogue.prototype, name, descriptor);
    Tool({ description: `The tool ${name}.` })(Catalogue.prototype, name, descriptor as never);
  }
  return new Catalogue();
}

describe('Toolbox', () => {
  describe('of', () => {
    it('describes name, description and input of every tool to codex-rs, in the given order', () => {
      const toolbox = Toolbox.of([new PaymentsTools('open'), offering({ name: 'hi' })]);

      expect(toolbox.specs().map(({ name }) => name)).to.deep.equal(['findPayment', 'hello', 'hi']);
      expect(toolbox.specs()[0]).to.deep.equal({
        type: 'function',
        name: 'findPayment',
        description: 'Finds a payment by its id.',
        inputSchema: paymentQuerySchema,
      });
      expect(toolbox.specs()[1]).to.deep.include({
        name: 'hello',
        inputSchema: { type: 'object', properties: {}, additionalProperties: false },
      });
    });

    it('is empty without tools', () => {
      expect(Toolbox.of([]).specs()).to.deep.equal([]);
    });

    it('accepts 500 tools', () => {
      expect(Toolbox.of([catalogue(500)]).specs()).to.have.length(500);
    });

    it('refuses an object without tools', () => {
      expect(() => Toolbox.of([{}, new Date(), null as never]))
        .to.throw(ValidationError, '3 problems')
        .with.property('problems')
        .that.deep.includes({
          path: 'tools[1]',
          reason: 'has no method with @Tool and was not created by tool(), got an instance of Date',
        });
    });

    it('refuses a duplicate name, and names both owners', () => {
      expect(() => Toolbox.of([new PaymentsTools('open'), offering()])).to.throw(
        ValidationError,
        'tools[1].hello: Offering.hello has the same name "hello" as PaymentsTools.hello',
      );
    });

    it('refuses a name that the model cannot call', () => {
      const refuse = (name: string) => () => Toolbox.of([offering({ name })]);

      expect(refuse('say hello')).to.throw(ValidationError, 'letters, digits');
      expect(refuse('')).to.throw(ValidationError, 'got ""');
      expect(refuse('a'.repeat(65))).to.throw(ValidationError, 'at most 64 characters, got 65');
      expect(refuse('__proto__')).to.throw(ValidationError, 'reserved');
    });

    it("refuses the name of one of codex-rs's own tools", () => {
      expect(() => Toolbox.of([offering({ name: 'exec_command' })])).to.throw(
        ValidationError,
        '"exec_command" is a built-in tool of codex-rs',
      );
    });

    it('refuses a blank description, a time limit out of range and an invalid input', () => {
      const wrong = offering({ description: ' ', timeoutMs: -1, input: 7 as never });

      expect(() => Toolbox.of([wrong]))
        .to.throw(ValidationError)
        .with.property('problems')
        .that.deep.equals([
          { path: 'tools[0].hello', reason: 'the description must be a non-empty string, got " "' },
          {
            path: 'tools[0].hello',
            reason:
              'timeoutMs must be a number of milliseconds greater than 0 and at most 2147483647, got -1',
          },
          {
            path: 'tools[0].hello.input',
            reason: 'must be a decorated class, a Standard Schema or { jsonSchema }, got 7',
          },
        ]);
    });

    it('lists everything in an input class that cannot be described', () => {
      class Appointment {
        @IsDate()
        readonly when!: Date;
      }

      expect(() => Toolbox.of([offering({ input: Appointment })])).to.throw(
        ValidationError,
        'tools[0].hello.input.Appointment.when: a Date is not JSON',
      );
    });

    it('accepts a schema with a custom reader, if it describes an object', () => {
      const read = () => ({ ok: true, value: {} }) as const;
      const own = { schema: { type: 'object', properties: { a: { type: 'string' } } }, read };
      const listing = { schema: { type: 'array' }, read };

      expect(Toolbox.of([offering({ input: own })]).specs()[0]).to.deep.include({
        inputSchema: own.schema,
      });
      expect(() => Toolbox.of([offering({ input: listing })])).to.throw(
        ValidationError,
        'of type "object"',
      );
    });
  });

  describe('digests', () => {
    const first = offering({ name: 'first' });
    const second = new PaymentsTools('open');
    const toolbox = Toolbox.of([first, second]);

    it('are the same in any order, and independent of the objects', () => {
      const turned = Toolbox.of([new PaymentsTools('closed'), first]);

      expect(turned.digests).to.deep.equal(toolbox.digests);
    });

    it('differ if a tool is missing', () => {
      expect(Toolbox.of([second]).digests).to.not.deep.equal(toolbox.digests);
    });

    it('survive serialization to JSON', () => {
      const stored = JSON.parse(JSON.stringify(toolbox.digests)) as Record<string, string>;

      expect(toolbox.compare(stored)).to.deep.equal({ added: [], changed: [], missing: [] });
    });

    it('allow a thread that has more tools to continue', () => {
      const fewer = Toolbox.of([second]);

      fewer.requireKnownTo(toolbox.digests);
      expect(fewer.compare(toolbox.digests).missing).to.deep.equal(['first']);
    });

    it('refuse tools that are new to a thread or have changed', () => {
      const stored = { ...toolbox.digests, hello: 'another', first: undefined as never };
      delete (stored as Partial<typeof stored>).first;

      expect(() => {
        toolbox.requireKnownTo(stored);
      })
        .to.throw(
          ToolsChangedError,
          'The thread does not have: first. The input has changed for: hello. Remove the new tools',
        )
        .with.property('difference')
        .that.deep.equals({ added: ['first'], changed: ['hello'], missing: [] });
    });

    it('produce an error that is a CodexError and short for many tools', () => {
      const many = Toolbox.of([catalogue(500)]);
      let error: unknown;
      try {
        many.requireKnownTo({});
      } catch (thrown) {
        error = thrown;
      }

      expect(ToolsChangedError.is(error) && CodexError.is(error)).to.equal(true);
      expect(error).to.have.property('code', 'tools-changed');
      expect((error as Error).message).to.contain('and 490 more');
    });
  });
});
