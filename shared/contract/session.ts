import * as z from 'zod'
import { ROLES, SIGN_IN_WAYS } from '../domain/words.ts'
import { EventId, Instant } from './primitives.ts'

export const UserName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,63}$/,
    'should be 1 to 64 of a-z, 0-9, dot, dash and underscore, a letter or digit first',
  )

/** Long ones are for people; ours begin at twelve characters (NIST SP 800-63B-4, §3.1.1.2, asks for eight beside a second factor). */
export const NewPassword = z.string().min(12).max(1024)
const Password = z.string().min(1).max(1024)
/** Six digits of an authenticator, or a recovery code; blanks and dashes count for nothing. */
const Code = z.string().min(6).max(32)

export const SignInRequest = z.strictObject({ username: UserName, password: Password })
export const SignInByLinkRequest = z.strictObject({ token: z.string().min(1).max(256) })
export const SignInByCodeRequest = z.strictObject({ challenge: z.string().min(1).max(256), code: Code })

/** What a person can prove who he is with, when asked again. */
export const PROOFS = ['password', 'code', 'single sign-on'] as const

export const Session = z.strictObject({
  username: UserName,
  role: z.enum(ROLES),
  /** Words of the filter language, `label.env:staging`; null: the whole fleet. */
  scope: z.string().nullable(),
  expiresAt: Instant,
  /** When he last proved who he is; null for an API token, which never can. */
  authenticatedAt: Instant.nullable(),
  by: z.enum([...SIGN_IN_WAYS, 'token']),
  /** `single sign-on`: password, second factor and role are the identity provider's. */
  account: z.enum(['local', 'single sign-on']),
  hasPassword: z.boolean(),
  secondFactor: z.boolean(),
  proofs: z.array(z.enum(PROOFS)),
  /** Of the newest event so far: a stream that is taken up behind it tells all that later answers may lack. */
  lastEventId: EventId,
})
export type Session = z.infer<typeof Session>

/** Name and password (or link) were right, and the second factor is still to come: `POST /api/v1/session/code`. */
export const SecondFactorWanted = z.strictObject({
  secondFactor: z.literal('required'),
  /** Good for one sign-in within minutes; no session. */
  challenge: z.string(),
  expiresAt: Instant,
})
export type SecondFactorWanted = z.infer<typeof SecondFactorWanted>

export const SignInAnswer = z.union([Session, SecondFactorWanted])
export type SignInAnswer = z.infer<typeof SignInAnswer>

export const SignInWays = z.strictObject({
  password: z.literal(true),
  /** Whether `GET /api/v1/session/oidc` leads to an identity provider. */
  singleSignOn: z.boolean(),
})

/** A path of ours with its search (threat-model T05): no second slash, no backslash, nothing that is not printed. */
const ReturnPath = z
  .string()
  .max(1000)
  .regex(/^\/(?:[a-zA-Z0-9_-]+(?:\/[a-zA-Z0-9_-]+)*)?(?:\?[!"$-[\]-~]*)?$/)

export const SingleSignOnQuery = z.strictObject({
  purpose: z.enum(['sign-in', 'authenticate']).default('sign-in'),
  /** Where to go then. */
  return: ReturnPath.default('/'),
})

/** What the provider adds is its own affair; the checks are OpenID Connect's. */
export const SingleSignOnAnswer = z.record(z.string().max(64), z.string().max(4096))

/** How single sign-on is set up, without its secret. The way back to register is `/api/v1/session/oidc/callback` of this server. */
export const SingleSignOnSetup = z.strictObject({
  issuer: z.string(),
  clientId: z.string(),
  /** Whether the provider is given a secret; without one PKCE alone holds. */
  hasSecret: z.boolean(),
  groupsClaim: z.string(),
  algorithm: z.string(),
  /** In this order: the first whose group somebody is in counts. */
  groups: z.array(z.strictObject({ group: z.string(), role: z.enum(ROLES), scope: z.string().nullable() })),
})
export type SingleSignOnSetup = z.infer<typeof SingleSignOnSetup>

export const AuthenticateRequest = z.union([z.strictObject({ password: Password }), z.strictObject({ code: Code })])
export type AuthenticateRequest = z.infer<typeof AuthenticateRequest>

export const PasswordRequest = z.strictObject({
  password: NewPassword,
  /** Not needed within five minutes of a proof. */
  current: Password.optional(),
})

export const TotpSeed = z.strictObject({
  /** Base32 (RFC 4648, §6), for typing. */
  secret: z.string(),
  /** `otpauth://totp/…`, for a QR code. */
  uri: z.string(),
})
export const TotpConfirmRequest = z.strictObject({ code: z.string().regex(/^\d{6}$/, 'should be six digits') })
/** Shown once; each is good once, instead of a code. */
export const RecoveryCodes = z.strictObject({ recoveryCodes: z.array(z.string()) })

export const SessionItem = z.strictObject({
  id: z.uuid(),
  username: UserName,
  /** The one that asks. */
  current: z.boolean(),
  by: z.enum(SIGN_IN_WAYS),
  address: z.string().nullable(),
  /** What the client called itself: hostile text. */
  userAgent: z.string().nullable(),
  createdAt: Instant,
  lastUsedAt: Instant,
  expiresAt: Instant,
})
export const SessionList = z.strictObject({ items: z.array(SessionItem) })
