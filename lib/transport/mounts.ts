/** A mounted file system. */
export interface Mount {
  /** The mount point. */
  readonly path: string;
  /** Its type, such as `nfs4`. */
  readonly type: string;
  /** Whether it is a network file system. */
  readonly isNetwork: boolean;
  /** Whether its locks are visible only to this machine. */
  readonly locksAreLocal: boolean;
}

/** Network file systems, and those of programs, such as object stores. */
const network =
  /^(?:nfs4?|cifs|smb\d?|smbfs|9p|ceph|glusterfs|lustre|afs|gpfs|beegfs|ocfs2|gfs2|fuse\.(?!lxcfs|overlay).*)$/;

/** The file system that contains an absolute path, from the text of `/proc/self/mountinfo`; null if there is none. */
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
  // The longest mount point; of several at one path the last, which hides the others.
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

/** The kernel writes spaces and similar characters as octal numbers. */
function decoded(text: string): string {
  return text.replaceAll(/\\(\d{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
