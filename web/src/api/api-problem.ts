import type { ErrorCode } from '@rebootless/shared/domain/errors.ts'
import type { Mistake } from '@rebootless/shared/domain/mistakes.ts'

/**
 * `unreachable`: no answer came; `unreadable`: what came was not ours, as from a proxy in between; `not_proven`: the
 * person was asked who it is, and closed the question.
 */
export type ProblemCode = ErrorCode | 'unreachable' | 'unreadable' | 'not_proven'

/** An answer that is not 2xx. Pages branch on `code`, never on text. */
export class ApiProblem extends Error {
  readonly code: ProblemCode
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly requestId: string | null
  /** When to try again, milliseconds, where the answer says so. */
  readonly retryAt: number | null
  /** The fields of the body that the server does not take. */
  readonly mistakes: readonly Mistake[]

  constructor(facts: {
    code: ProblemCode
    status: number
    title: string
    detail: string
    requestId: string | null
    retryAt?: number | null
    mistakes?: readonly Mistake[]
  }) {
    super(`${facts.title}: ${facts.detail}`)
    this.name = 'ApiProblem'
    this.code = facts.code
    this.status = facts.status
    this.title = facts.title
    this.detail = facts.detail
    this.requestId = facts.requestId
    this.retryAt = facts.retryAt ?? null
    this.mistakes = facts.mistakes ?? []
  }

  static unreachable(cause: unknown): ApiProblem {
    const problem = new ApiProblem({
      code: 'unreachable',
      status: 0,
      title: 'The server does not answer',
      detail: 'No answer came. Check that Rebootless runs and that this machine reaches it, then try again.',
      requestId: null,
    })
    problem.cause = cause
    return problem
  }

  static notProven(): ApiProblem {
    return new ApiProblem({
      code: 'not_proven',
      status: 0,
      title: 'Nothing was done',
      detail: 'This needs a proof of who you are that is from just now, and none was given.',
      requestId: null,
    })
  }
}

const text = (value: unknown, otherwise: string): string =>
  typeof value === 'string' && value !== '' ? value : otherwise

/** Retry-After in seconds (RFC 9110, §10.2.3); its other form, a date, is none of ours. */
const retryAtOf = (response: Response): number | null => {
  const seconds = response.headers.get('retry-after') ?? ''
  return /^\d{1,6}$/.test(seconds) ? Date.now() + Number(seconds) * 1000 : null
}

const isMistake = (value: unknown): value is Mistake => {
  const { path, text: said } = (value ?? {}) as Partial<Record<keyof Mistake, unknown>>
  return Array.isArray(path) && typeof said === 'string'
}

/** Reads an RFC 9457 answer; whatever is missing or of another kind is made good with what the status alone says. */
export const problemOf = async (response: Response): Promise<ApiProblem> => {
  const body: unknown = await response.json().catch(() => null)
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  const type = text(fields.type, '')
  return new ApiProblem({
    code: type.startsWith('/problems/') ? (type.slice('/problems/'.length) as ErrorCode) : 'unreadable',
    status: response.status,
    title: text(fields.title, `The server answered ${response.status}`),
    detail: text(fields.detail, 'The answer was not one of ours. A proxy in between may have given it; try again.'),
    requestId: text(fields.requestId, response.headers.get('x-request-id') ?? '') || null,
    retryAt: retryAtOf(response),
    mistakes: Array.isArray(fields.mistakes) ? fields.mistakes.filter(isMistake) : [],
  })
}

/** What the server says of one field of a form, when the problem is one of that field's. */
export const saidOfField = (error: Error | null, code: ProblemCode): string | undefined =>
  error instanceof ApiProblem && error.code === code ? error.detail : undefined
