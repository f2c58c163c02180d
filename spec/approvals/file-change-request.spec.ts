import { expect } from 'chai';
import { asked, changes, serverRequest } from './server-requests.js';

const ask = () => asked('fileChange', serverRequest('item/fileChange/requestApproval'));

describe('FileChangeRequest', () => {
  it('has the changes with their diffs', () => {
    expect(ask().changes).to.deep.equal(changes);
  });

  it('freezes its own copy of the changes', () => {
    expect(ask().changes[0]).to.satisfy(Object.isFrozen);
    expect(changes[0]).to.not.satisfy(Object.isFrozen);
  });

  it('sends each decision in the form of codex-rs', () => {
    const request = ask();

    expect(request.allow().reply).to.deep.equal({ decision: 'accept' });
    expect(request.allowForSession().reply).to.deep.equal({ decision: 'acceptForSession' });
    expect(request.deny().reply).to.deep.equal({ decision: 'decline' });
    expect(request.cancel().reply).to.deep.equal({ decision: 'cancel' });
  });

  it('does not support a rule for all threads', () => {
    const request = ask();

    // @ts-expect-error codex-rs knows no such decision about files
    expect(() => request.allowAlwaysForAllThreads())
      .to.throw('choose one of allow, allowForSession, deny, cancel, pass')
      .with.property('code', 'decision-not-possible');
  });
});
