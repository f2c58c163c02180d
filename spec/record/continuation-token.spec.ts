import { expect } from 'chai';
import { inspect } from 'node:util';
import { CodexError, ContinuationToken, Secret } from '../../lib/index.js';

describe('ContinuationToken', () => {
  const claims = {
    threadId: '01a20000-0000-7000-8000-000000000001',
    turnId: '01a20000-0000-7000-8000-000000000002',
  };
  const secret = new Secret('a secret of the service');

  function code(work: () => unknown): string {
    try {
      work();
    } catch (error) {
      if (CodexError.is(error)) return error.code;
      throw error;
    }
    return 'none';
  }

  it('survives conversion to text', () => {
    const token = ContinuationToken.issue(claims);

    const { threadId, turnId } = ContinuationToken.decode(String(token));

    expect({ threadId, turnId }).to.deep.equal(claims);
  });

  it('is safe in a URL', () => {
    const text = String(ContinuationToken.issue(claims, secret));

    expect(encodeURIComponent(text)).to.equal(text);
  });

  it('is its text in JSON', () => {
    const token = ContinuationToken.issue(claims);

    expect(JSON.parse(JSON.stringify({ token }))).to.deep.equal({ token: String(token) });
  });

  it('is not printed by util.inspect', () => {
    expect(inspect({ token: ContinuationToken.issue(claims) })).to.contain('[redacted]');
  });

  it('is refused as malformed if any one character is changed', () => {
    const text = String(ContinuationToken.issue(claims));
    const codes = Array.from(text).map((character, index) => {
      const damaged = `${text.slice(0, index)}${character === 'x' ? 'y' : 'x'}${text.slice(index + 1)}`;
      return code(() => ContinuationToken.decode(damaged));
    });

    expect(new Set(codes)).to.deep.equal(new Set(['malformed-token']));
  });

  it('is refused as malformed if it has another version', () => {
    const text = String(ContinuationToken.issue(claims)).replace(/^ct1/, 'ct2');

    expect(code(() => ContinuationToken.decode(text))).to.equal('malformed-token');
  });

  describe('with a secret', () => {
    it('is accepted if it was signed with it', () => {
      const text = String(ContinuationToken.issue(claims, secret));

      expect(ContinuationToken.decode(text, secret).turnId).to.equal(claims.turnId);
    });

    it('is refused as tampered if it is unsigned', () => {
      const text = String(ContinuationToken.issue(claims));

      expect(code(() => ContinuationToken.decode(text, secret))).to.equal('tampered');
    });

    it('is refused as tampered if it was signed with another secret', () => {
      const text = String(ContinuationToken.issue(claims, new Secret('another')));

      expect(code(() => ContinuationToken.decode(text, secret))).to.equal('tampered');
    });

    it('is refused without the secret to verify it', () => {
      const text = String(ContinuationToken.issue(claims, secret));

      expect(code(() => ContinuationToken.decode(text))).to.equal('tampered');
    });
  });
});
