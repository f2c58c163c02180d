import { expect } from 'chai';
import { inspect } from 'node:util';
import { MissingApiKeyError } from '../../lib/errors.js';
import { CodexOptions } from '../../lib/thread/codex-options.js';

describe('CodexOptions', () => {
  describe('from', () => {
    it('needs a key when auth is "apiKey"', () => {
      expect(() => CodexOptions.from({ auth: 'apiKey' }, {})).to.throw(MissingApiKeyError);
    });

    it('never shows the key', () => {
      const options = CodexOptions.from({ apiKey: 'plain-value' });

      expect(inspect(options) + JSON.stringify(options)).not.to.contain('plain-value');
      expect(options.apiKey?.reveal()).to.equal('plain-value');
    });
  });
});
