import { toDomainError, toProblem } from '../problem-json.ts'
import type { LinkLog } from './link-session.ts'

/** An error as problem+json (RFC 9457) for a bare socket or response; what nobody expected goes to the log as well. */
export const problemText = (error: unknown, requestId: string, log: LinkLog): { status: number; text: string } => {
  const problem = toProblem(error, requestId)
  const expected = toDomainError(error) !== undefined
  log.warn({ requestId, type: problem.type, ...(expected ? {} : { err: error }) }, problem.detail)
  return { status: problem.status, text: JSON.stringify(problem) }
}
