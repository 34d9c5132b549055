import type { Problem } from '@rebootless/shared/contract/problem.ts'
import { DomainError, type ErrorCode } from '@rebootless/shared/domain/errors.ts'
import type { LinkLog } from './link-session.ts'

/** What the agents' port can answer; all other codes are faults of ours here. */
const PROBLEMS: Partial<Record<ErrorCode, { status: number; title: string }>> = {
  body_invalid: { status: 400, title: 'The request body is not valid' },
  body_too_large: { status: 413, title: 'The request body is too large' },
  certificate_refused: { status: 401, title: 'The certificate was refused' },
  enrolment_token_refused: { status: 401, title: 'The join token was refused' },
  media_type_unsupported: { status: 415, title: 'Unsupported media type' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  origin_refused: { status: 403, title: 'The origin was refused' },
  route_not_found: { status: 404, title: 'Not found' },
}

/** An error as problem+json (RFC 9457) for a bare socket or response. Unknown causes go to the log only. */
export const problemText = (error: unknown, requestId: string, log: LinkLog): { status: number; text: string } => {
  const known = error instanceof DomainError ? PROBLEMS[error.code] : undefined
  const problem: Problem =
    error instanceof DomainError && known !== undefined
      ? { type: `/problems/${error.code}`, ...known, detail: error.detail, requestId }
      : {
          type: '/problems/internal',
          status: 500,
          title: 'Internal error',
          detail: 'The server could not do this: try again, and give the request id to whoever runs it.',
          requestId,
        }
  log.warn({ requestId, type: problem.type, ...(known === undefined ? { error } : {}) }, problem.detail)
  return { status: problem.status, text: JSON.stringify(problem) }
}
