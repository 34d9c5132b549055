import pg from 'pg'

/** PostgreSQL, appendix A: connection lost, out of resources, told to stop, trouble with the system beneath. */
const OF_THE_SERVER = /^(08|53|57|58)/

/**
 * Whether a failure to write several hosts together may be the fault of one of them: the database refused what was in
 * the statement, or our own code stumbled over it. A database that is away says nothing of any of them, and asking it
 * for each would only make the wait longer.
 */
export const mayBeOfOne = (error: unknown): boolean =>
  error instanceof pg.DatabaseError
    ? !OF_THE_SERVER.test(error.code ?? '')
    : error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError
