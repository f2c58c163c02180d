import { expect } from 'chai';
import { Labels } from '../../lib/record/labels.js';
import { ValidationError } from '../../lib/errors.js';

describe('Labels', () => {
  describe('from', () => {
    it('takes a plain object', () => {
      expect(Labels.from({ team: 'payments' }).toJSON()).to.deep.equal({ team: 'payments' });
    });

    it('refuses an equals sign in a name', () => {
      expect(() => Labels.from({ 'a=b': 'c' })).to.throw(ValidationError, 'must not contain "="');
    });
  });
});
