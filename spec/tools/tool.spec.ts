import { expect } from 'chai';
import { ValidationError } from '../../lib/errors.js';
import { Tool, toolsOf } from '../../lib/tools/tool.js';
import { PaymentQuery, PaymentsTools } from './payments-tools.js';

describe('Tool', () => {
  it('declares the methods of a class, by the names of the methods', () => {
    const declared = toolsOf(new PaymentsTools('open'));

    expect(declared.map(({ method }) => method)).to.deep.equal(['findPayment', 'hello']);
    expect(declared[0]).to.include({
      input: PaymentQuery,
      description: 'Finds a payment by its id.',
    });
  });

  it('inherits declarations, which a subclass may redeclare', () => {
    class More extends PaymentsTools {
      @Tool({ description: 'Says hello twice.' })
      override hello(): string {
        return 'hello hello';
      }

      @Tool({ description: 'Says goodbye.' })
      goodbye(): string {
        return 'goodbye';
      }
    }

    const declared = toolsOf(new More('open'));

    expect(declared.map(({ method, description }) => [method, description])).to.deep.equal([
      ['hello', 'Says hello twice.'],
      ['goodbye', 'Says goodbye.'],
      ['findPayment', 'Finds a payment by its id.'],
    ]);
    expect(toolsOf(new PaymentsTools('open'))).to.have.length(2);
  });

  it('finds nothing on an object whose class has no declarations', () => {
    expect(toolsOf({ hello: () => 'hello' })).to.deep.equal([]);
    expect(toolsOf(Object.create(null) as object)).to.deep.equal([]);
  });

  it('refuses a static method and a method with a symbol as its name', () => {
    const description = 'Never.';

    expect(() => {
      class Wrong {
        @Tool({ description })
        static hello(): string {
          return 'hello';
        }
      }
      return Wrong;
    }).to.throw(ValidationError, 'hello: cannot decorate a static method');
    expect(() => {
      class Wrong {
        @Tool({ description })
        [Symbol.iterator](): string {
          return 'hello';
        }
      }
      return Wrong;
    }).to.throw(ValidationError, 'symbol');
  });

  it('refuses a getter', () => {
    const decorate = Tool({ description: 'Never.' }) as (...args: unknown[]) => void;

    expect(() => {
      decorate({}, 'size', { get: () => 1 });
    }).to.throw(ValidationError, 'size: must decorate a method');
  });

  it('names the missing compiler option if it is called as a standard decorator', () => {
    const decorate = Tool({ description: 'Never.' }) as (...args: unknown[]) => void;

    expect(() => {
      decorate(() => 'hello', { kind: 'method', name: 'hello' });
    }).to.throw(ValidationError, 'experimentalDecorators');
  });

  it('does not compile on a method with another parameter type', () => {
    class Wrong {
      // @ts-expect-error the input is a PaymentQuery
      @Tool({ description: 'Finds.', input: PaymentQuery })
      find(query: { readonly count: number }): string {
        return String(query.count);
      }
    }

    expect(toolsOf(new Wrong())).to.have.length(1);
  });
});
