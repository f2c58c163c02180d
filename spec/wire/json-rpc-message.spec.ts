import { expect } from 'chai';
import fc from 'fast-check';
import { lineOf } from '../../lib/wire/json-rpc-message.js';

describe('The line of a message', () => {
  it('is its JSON, with unpaired surrogates replaced, which codex-rs cannot parse', () => {
    const units = fc.oneof(
      fc.constantFrom('\\', '\\u', 'd', '"', '\n', '👋', '\ud83d', '\udc4b', 'dc4b'),
      fc.string({ maxLength: 2 }),
    );

    fc.assert(
      fc.property(
        fc.array(units).map((parts) => parts.join('')),
        (text) => {
          const whole = Buffer.from(text).toString();

          expect(JSON.parse(lineOf({ [text]: [text] }))).to.deep.equal({ [whole]: [whole] });
        },
      ),
    );
  });
});
