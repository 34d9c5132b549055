import type { Problem } from '@rebootless/shared/contract/problem.ts'
import { DomainError, type ErrorCode } from '@rebootless/shared/domain/errors.ts'

/** The only place that knows both codes and HTTP; a new code does not compile without a row. */
const PROBLEMS = {
  account_managed_elsewhere: { status: 409, title: 'This account is managed elsewhere' },
  action_refused: { status: 409, title: 'This cannot be done now' },
  agent_frame_invalid: { status: 400, title: 'The agent sent what the contract does not know' },
  alert_not_found: { status: 404, title: 'Alert not found' },
  alert_refused: { status: 409, title: 'This cannot be done to the alert now' },
  alert_rule_refused: { status: 422, title: 'The rule cannot be so' },
  authentication_too_old: { status: 401, title: 'Prove again who you are' },
  authority_change_refused: { status: 409, title: 'This change of authorities is refused' },
  authority_not_found: { status: 404, title: 'Authority not found' },
  approver_key_not_found: { status: 404, title: 'Approver’s key not found' },
  approver_key_refused: { status: 409, title: 'The approver’s key was refused' },
  artefact_not_found: { status: 404, title: 'Module not found' },
  artefact_quota: { status: 507, title: 'No room for more modules' },
  artefact_refused: { status: 422, title: 'The module was refused' },
  authorisation_closed: { status: 409, title: 'The authorisation is closed' },
  authorisation_not_found: { status: 404, title: 'Authorisation not found' },
  body_invalid: { status: 400, title: 'The request body is not valid' },
  body_too_large: { status: 413, title: 'The request body is too large' },
  channel_not_found: { status: 404, title: 'Channel not found' },
  channel_refused: { status: 422, title: 'The channel cannot be so' },
  push_refused: { status: 422, title: 'The browser cannot be sent notifications' },
  push_subscription_not_found: { status: 404, title: 'Browser not found' },
  certificate_refused: { status: 401, title: 'The certificate was refused' },
  confirmation_mismatch: { status: 409, title: 'What was typed does not match' },
  cursor_invalid: { status: 400, title: 'The cursor is not valid' },
  cve_not_found: { status: 404, title: 'CVE not found' },
  delivery_not_found: { status: 404, title: 'Delivery not found' },
  enrolment_denied: { status: 403, title: 'The host was not let in' },
  enrolment_token_not_found: { status: 404, title: 'Join token not found' },
  enrolment_token_refused: { status: 401, title: 'The join token was refused' },
  feed_not_found: { status: 404, title: 'Feed not found' },
  feed_refused: { status: 422, title: 'The feed cannot be so' },
  exception_not_found: { status: 404, title: 'Exception not found' },
  filter_invalid: { status: 400, title: 'The filter is not valid' },
  freeze_refused: { status: 409, title: 'The freeze was not changed' },
  host_not_found: { status: 404, title: 'Host not found' },
  internal: { status: 500, title: 'Internal error' },
  media_type_unsupported: { status: 415, title: 'Unsupported media type' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  not_authorised: { status: 403, title: 'Not allowed' },
  not_ready: { status: 503, title: 'Not ready' },
  not_signed_in: { status: 401, title: 'Not signed in' },
  origin_refused: { status: 403, title: 'The origin was refused' },
  outgoing_failed: { status: 502, title: 'Another server did not answer' },
  outgoing_refused: { status: 422, title: 'That address is not called' },
  patch_in_use: { status: 409, title: 'The patch is in use' },
  patch_not_found: { status: 404, title: 'Patch not found' },
  patch_refused: { status: 409, title: 'The entry was refused' },
  publisher_key_not_found: { status: 404, title: 'Publisher’s key not found' },
  publisher_key_refused: { status: 409, title: 'The publisher’s key was refused' },
  query_invalid: { status: 400, title: 'The request is not valid' },
  rollout_breaks_policy: { status: 422, title: 'The plan breaks a policy' },
  report_not_found: { status: 404, title: 'Report not found' },
  report_refused: { status: 422, title: 'The report cannot be so' },
  rollout_not_found: { status: 404, title: 'Rollout not found' },
  rollout_overlaps: { status: 409, title: 'Another rollout changes the same hosts' },
  rollout_template_not_found: { status: 404, title: 'Template not found' },
  rollout_template_refused: { status: 409, title: 'The template was refused' },
  rollout_policy_not_found: { status: 404, title: 'Policy not found' },
  rollout_refused: { status: 409, title: 'This cannot be done to the rollout now' },
  route_not_found: { status: 404, title: 'Not found' },
  scope_invalid: { status: 400, title: 'The scope is not valid' },
  session_not_found: { status: 404, title: 'Session not found' },
  secret_unreadable: { status: 503, title: 'A stored secret cannot be read' },
  sign_in_refused: { status: 401, title: 'Sign-in refused' },
  silence_not_found: { status: 404, title: 'Silence not found' },
  silence_refused: { status: 422, title: 'The silence cannot be so' },
  signature_refused: { status: 422, title: 'The signature was refused' },
  single_sign_on_unavailable: { status: 503, title: 'Single sign-on does not answer' },
  token_not_found: { status: 404, title: 'Token not found' },
  too_many_attempts: { status: 429, title: 'Too many attempts' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  too_many_streams: { status: 429, title: 'Too many event streams' },
  uri_too_long: { status: 414, title: 'The address is too long' },
  user_change_refused: { status: 409, title: 'This change is refused' },
  user_name_taken: { status: 409, title: 'The name is taken' },
  user_not_found: { status: 404, title: 'User not found' },
  waiting_host_not_found: { status: 404, title: 'Waiting host not found' },
  waiting_room_full: { status: 429, title: 'Too many hosts wait' },
} satisfies Record<ErrorCode, { status: number; title: string }>

export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

/** What Express' own parts throw (http-errors), by the `type` that body-parser gives. */
const EXPRESS_ERRORS: Readonly<Record<string, { code: ErrorCode; detail: string }>> = {
  'entity.too.large': { code: 'body_too_large', detail: 'The body is larger than this route takes: send less.' },
  'entity.parse.failed': { code: 'body_invalid', detail: 'The body is not JSON: send one JSON object.' },
  'entity.verify.failed': { code: 'body_invalid', detail: 'The body is not valid: send one JSON object.' },
  'request.size.invalid': { code: 'body_invalid', detail: 'The body is not as long as Content-Length says.' },
  'request.aborted': { code: 'body_invalid', detail: 'The body ended early: send it again.' },
  'encoding.unsupported': { code: 'media_type_unsupported', detail: 'Send the body uncompressed.' },
  'charset.unsupported': { code: 'media_type_unsupported', detail: 'Send the body in UTF-8.' },
}

/** Failures that pass: the database restarts, is full, read only, or does not answer (PostgreSQL, appendix A). */
const isDatabaseDown = (error: unknown): boolean => {
  const code = (error as { code?: unknown } | null)?.code
  if (typeof code === 'string')
    return /^(08|53|57P|25006)|^(57014|ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT)$/.test(code)
  // What pg says of its own accord, without a code.
  const ofPg = /connection terminated|timeout exceeded when trying to connect|is not queryable$/i
  return error instanceof Error && ofPg.test(error.message)
}

/** disk_full (PostgreSQL, appendix A), and what write(2) says of a disk or a quota without room. */
const isDiskFull = (error: unknown): boolean => {
  const code = (error as { code?: unknown } | null)?.code
  return code === '53100' || code === 'ENOSPC' || code === 'EDQUOT'
}

/** Any error as an expected one; undefined for what nobody expected. */
export const toDomainError = (error: unknown): DomainError | undefined => {
  if (error instanceof DomainError) return error
  if (error instanceof URIError) {
    return new DomainError('query_invalid', 'The address holds a % that no two hex digits follow: write it as %25.')
  }
  const type = (error as { type?: unknown } | null)?.type
  const known = typeof type === 'string' ? EXPRESS_ERRORS[type] : undefined
  if (known !== undefined) return new DomainError(known.code, known.detail, { cause: error })
  if (isDiskFull(error)) {
    return new DomainError(
      'not_ready',
      'The disk of the server is full, so this was not stored: try again once there is room.',
      {
        cause: error,
      },
    )
  }
  if (isDatabaseDown(error)) {
    return new DomainError('not_ready', 'The database does not answer: try again in a moment.', { cause: error })
  }
  return undefined
}

/** RFC 9457. What nobody expected becomes a plain 500: its cause belongs in the log alone. */
export const toProblem = (error: unknown, requestId: string): Problem => {
  const domain = toDomainError(error)
  const code = domain?.code ?? 'internal'
  const detail =
    domain?.detail ??
    'Something went wrong here. Try again; if it stays, give this request id to whoever runs the server.'
  const mistakes = domain?.mistakes?.map(({ path, text }) => ({ path: [...path], text }))
  return {
    ...{ type: `/problems/${code}` as const, ...PROBLEMS[code], detail, requestId },
    ...(mistakes === undefined ? {} : { mistakes }),
  }
}
