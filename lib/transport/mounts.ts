/** A mounted file system. */
export interface Mount {
  /** Where it is mounted. */
  readonly path: string;
  /** Its type, such as `nfs4`. */
  readonly type: string;
  /** Whether other machines have it too. */
  readonly isNetwork: boolean;
  /** Whether its locks are seen by this machine alone. */
  readonly locksAreLocal: boolean;
}

/** File systems of other machines, and those of programs, such as object stores. */
const network =
  /^(?:nfs4?|cifs|smb\d?|smbfs|9p|ceph|glusterfs|lustre|afs|gpfs|beegfs|ocfs2|gfs2|fuse\.(?!lxcfs|overlay).*)$/;

/** The file system that an absolute path is on, by the text of `/proc/self/mountinfo`; null if none is mounted there. */
export function mountOf(path: string, mountinfo: string): Mount | null {
  const mounts = mountinfo.split('\n').flatMap((line) => {
    // ID PARENT DEVICE ROOT MOUNT_POINT OPTIONS [FIELDS...] - TYPE SOURCE SUPER_OPTIONS
    const [before = '', after = ''] = line.split(' - ');
    const [, , , , point] = before.split(' ');
    const [type, , options = ''] = after.split(' ');
    return point === undefined || type === undefined
      ? []
      : [{ path: decoded(point), type, options }];
  });
  const holding = mounts.filter(
    (mount) => mount.path === '/' || path === mount.path || path.startsWith(`${mount.path}/`),
  );
  // The longest, and of those at one place the last: it hides the others.
  const found = holding.reduce<(typeof holding)[number] | null>(
    (best, mount) => (best !== null && best.path.length > mount.path.length ? best : mount),
    null,
  );
  if (found === null) return null;
  const options = found.options.split(',');
  return {
    path: found.path,
    type: found.type,
    isNetwork: network.test(found.type),
    locksAreLocal: ['nolock', 'local_lock=all', 'local_lock=flock'].some((each) =>
      options.includes(each),
    ),
  };
}

/** The kernel writes spaces and the like as octal numbers. */
function decoded(text: string): string {
  return text.replaceAll(/\\(\d{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
