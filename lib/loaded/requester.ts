import type { AppServerSession } from '../wire/app-server-session.js';

/** Anything that sends typed requests: a session, or the supervisor of sessions. */
export type Requester = Pick<AppServerSession, 'codexVersion' | 'request'> &
  Partial<Pick<AppServerSession, 'recordsRoot'>>;
