import { expect } from 'chai';
import { mountOf } from '../../lib/transport/mounts.js';

const mountinfo = `22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
30 22 0:50 / /srv rw,relatime shared:1 - nfs4 store:/srv rw,vers=4.2,local_lock=none
31 30 0:51 / /srv/odd\\040name rw - nfs store:/odd rw,nolock,local_lock=all
32 22 0:52 / /mnt/bucket rw - fuse.s3fs s3fs rw
33 22 0:53 / /over rw - nfs4 store:/over rw
34 33 8:2 / /over rw - xfs /dev/sdb rw
`;

describe('mountOf', () => {
  for (const [path, type, isNetwork, locksAreLocal] of [
    ['/home/me', 'ext4', false, false],
    ['/srv', 'nfs4', true, false],
    ['/srv/codex/sessions', 'nfs4', true, false],
    ['/srv-local', 'ext4', false, false],
    ['/srv/odd name/home', 'nfs', true, true],
    ['/mnt/bucket/home', 'fuse.s3fs', true, false],
    ['/over/home', 'xfs', false, false],
  ] as const)
    it(`finds the mount of ${path}: ${type}`, () => {
      expect(mountOf(path, mountinfo)).to.include({ type, isNetwork, locksAreLocal });
    });

  it('finds nothing without a mount', () => {
    expect(mountOf('/home', '')).to.equal(null);
  });
});
