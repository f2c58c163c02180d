import { expect } from 'chai';
import type { PermissionsRequestApprovalParams } from '../../lib/protocol/index.js';
import { asked, serverRequest } from './server-requests.js';

const ask = (given: Partial<PermissionsRequestApprovalParams> = {}) =>
  asked('permissions', serverRequest('item/permissions/requestApproval', given));
const fileSystem = { read: null, write: ['/extra'] };

describe('PermissionsRequest', () => {
  it('grants all requested permissions, for the turn or for the session', () => {
    const permissions = { network: { enabled: true }, fileSystem };

    expect(ask().allow().reply).to.deep.equal({ permissions, scope: 'turn' });
    expect(ask().allowForSession().reply).to.deep.equal({ permissions, scope: 'session' });
  });

  it('grants a part when a part is given', () => {
    expect(ask().allow({ fileSystem }).reply).to.deep.equal({
      permissions: { fileSystem },
      scope: 'turn',
    });
  });

  it('omits permissions that were not requested', () => {
    const request = ask({ permissions: { network: null, fileSystem } });

    expect(request.allow().reply).to.deep.equal({ permissions: { fileSystem }, scope: 'turn' });
  });

  it('grants nothing if it is denied', () => {
    expect(ask().deny().reply).to.deep.equal({ permissions: {}, scope: 'turn' });
  });

  it('cannot be cancelled', () => {
    const request = ask();

    // @ts-expect-error codex-rs knows no such decision about permissions
    expect(() => request.cancel())
      .to.throw('does not support "cancel" for this permissions request')
      .with.property('code', 'decision-not-possible');
  });
});
