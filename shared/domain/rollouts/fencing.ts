/**
 * Whether a leader may still write: his lease's number is the newest that was given. A leader that was frozen and is woken
 * late holds an older one, and what he made of an older state is not committed (T37). The same comparison stands in the
 * statement that commits, so that no time passes between them.
 */
export const mayCommit = (held: number, newest: number): boolean => held === newest
