const LINK_ERROR_CODES = [
  'token_malformed',
  'server_address_invalid',
  'server_unreachable',
  'server_not_pinned',
  'refused',
  'answer_invalid',
] as const
export type LinkErrorCode = (typeof LINK_ERROR_CODES)[number]

/** An expected failure of talking to the server; `message` says what to do. */
export class LinkError extends Error {
  readonly code: LinkErrorCode
  /** With `refused`: the server's code, of shared/domain/errors.ts. */
  readonly problem: string | undefined
  constructor(code: LinkErrorCode, message: string, options: { cause?: unknown; problem?: string } = {}) {
    super(message, options)
    this.problem = options.problem
    this.name = 'LinkError'
    this.code = code
  }
}
