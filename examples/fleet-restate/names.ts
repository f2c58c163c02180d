/** The name of the virtual object: one for each thread, with the key of the thread as its key. */
export const objectName = 'threads';

/** The state of a thread in Restate: the number of its turns, including cancelled ones. */
export const turnsState = 'turns';
