import type { Mistake } from './mistakes.ts'

/**
 * Every expected failure, by its code. No HTTP here: server/bff/problem-json.ts alone knows which status goes with
 * which code, and does not compile when a code has no row.
 */
export const ERROR_CODES = [
  'account_managed_elsewhere',
  'action_refused',
  'agent_frame_invalid',
  'alert_not_found',
  'alert_refused',
  'alert_rule_refused',
  'approver_key_not_found',
  'approver_key_refused',
  'artefact_not_found',
  'artefact_quota',
  'artefact_refused',
  'authentication_too_old',
  'authorisation_closed',
  'authorisation_not_found',
  'authority_change_refused',
  'authority_not_found',
  'body_invalid',
  'body_too_large',
  'certificate_refused',
  'channel_not_found',
  'channel_refused',
  'push_refused',
  'push_subscription_not_found',
  'confirmation_mismatch',
  'cursor_invalid',
  'cve_not_found',
  'delivery_not_found',
  'enrolment_denied',
  'enrolment_token_not_found',
  'enrolment_token_refused',
  'feed_not_found',
  'feed_refused',
  'exception_not_found',
  'filter_invalid',
  'freeze_refused',
  'host_not_found',
  'internal',
  'media_type_unsupported',
  'method_not_allowed',
  'not_authorised',
  'not_ready',
  'not_signed_in',
  'origin_refused',
  'outgoing_failed',
  'outgoing_refused',
  'patch_in_use',
  'patch_not_found',
  'patch_refused',
  'publisher_key_not_found',
  'publisher_key_refused',
  'query_invalid',
  'report_not_found',
  'report_refused',
  'rollout_breaks_policy',
  'rollout_not_found',
  'rollout_overlaps',
  'rollout_policy_not_found',
  'rollout_refused',
  'rollout_template_not_found',
  'rollout_template_refused',
  'route_not_found',
  'scope_invalid',
  'session_not_found',
  'secret_unreadable',
  'sign_in_refused',
  'signature_refused',
  'silence_not_found',
  'silence_refused',
  'single_sign_on_unavailable',
  'token_not_found',
  'too_many_attempts',
  'too_many_requests',
  'too_many_streams',
  'uri_too_long',
  'user_change_refused',
  'user_name_taken',
  'user_not_found',
  'waiting_host_not_found',
  'waiting_room_full',
] as const
export type ErrorCode = (typeof ERROR_CODES)[number]

/** An expected failure. `detail` says, in one sentence, what happened and what to do. */
export class DomainError extends Error {
  readonly code: ErrorCode
  readonly detail: string
  /** How long to wait before the next try, where that is known. */
  readonly retryAfterMs: number | undefined
  /** Of a body that its schema does not take: each field. */
  readonly mistakes: readonly Mistake[] | undefined
  constructor(
    code: ErrorCode,
    detail: string,
    options?: { cause?: unknown; retryAfterMs?: number; mistakes?: readonly Mistake[] },
  ) {
    super(`${code}: ${detail}`, options)
    this.name = 'DomainError'
    this.code = code
    this.detail = detail
    this.retryAfterMs = options?.retryAfterMs
    this.mistakes = options?.mistakes
  }
}
