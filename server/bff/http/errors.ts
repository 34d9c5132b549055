import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import type { Logger } from 'pino'
import { PROBLEM_MEDIA_TYPE, toProblem } from '../problem-json.ts'
import { traceWords } from '../tracing/trace-context.ts'

/** Where nothing better is known. */
const RETRY_AFTER_MS = 60_000

/** Writes a problem; headers that would let it be kept or that belong to the answer it replaces go. */
const sendProblem = (request: Request, response: Response, error: unknown): number => {
  const problem = toProblem(error, requestIdOf(request))
  response.status(problem.status)
  response.setHeader('Content-Type', PROBLEM_MEDIA_TYPE)
  response.setHeader('Cache-Control', 'no-store')
  const { retryAfterMs = RETRY_AFTER_MS } = error instanceof DomainError ? error : {}
  if (problem.status === 429) response.setHeader('Retry-After', String(Math.ceil(retryAfterMs / 1000)))
  response.end(JSON.stringify(problem))
  return problem.status
}

const requestIdOf = (request: Request): string => String(request.id ?? 'unknown')

/** Last of all: every error becomes a problem, and the cause of an unexpected one goes to the log alone. */
export const errorHandler =
  (log: Logger): ErrorRequestHandler =>
  (error: unknown, request, response, _next) => {
    if (response.headersSent) {
      log.warn({ requestId: requestIdOf(request), ...traceWords(response), err: error }, 'an answer broke off')
      response.destroy()
      return
    }
    const status = sendProblem(request, response, error)
    if (status >= 500)
      log.error({ requestId: requestIdOf(request), ...traceWords(response), err: error }, 'a request failed')
    // The rest of a refused body is not read: the connection ends with the answer instead.
    if (!request.complete) response.once('finish', () => request.destroy())
  }

export const unknownApiPath: RequestHandler = () => {
  throw new DomainError(
    'route_not_found',
    'There is nothing at this address: /api/v1/openapi.json lists what there is.',
  )
}
