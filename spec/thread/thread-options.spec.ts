import { expect } from 'chai';
import { ValidationError } from '../../lib/errors.js';
import { ThreadOptions } from '../../lib/thread/thread-options.js';

describe('ThreadOptions', () => {
  describe('from', () => {
    it('leaves out what was not given', () => {
      expect(Object.keys(ThreadOptions.from({ model: 'gpt-5.5' }))).to.have.members([
        'labels',
        'model',
      ]);
    });

    it('names the option that an unknown one was probably meant to be', () => {
      expect(() => ThreadOptions.from(new Map([['modle', 'x']]))).to.throw(
        ValidationError,
        'did you mean "model"?',
      );
    });
  });
});
