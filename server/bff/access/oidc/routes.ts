import type { SingleSignOnSetup } from '@rebootless/shared/contract/session.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { Request, Response } from 'express'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import * as z from 'zod'
import { appendAudit } from '../../audit/append-audit.ts'
import type { Refusal } from '../../audit/refusals.ts'
import type { Clock } from '../../clock.ts'
import type { DatabaseSchema } from '../../database/schema.ts'
import type { Handlers, SessionCookies } from '../../http/call.ts'
import type { SecretBox } from '../../secrets/secret-box.ts'
import { entryOf, userTarget } from '../doer.ts'
import type { From } from '../guesses.ts'
import type { Access } from '../service.ts'
import { readCookies } from '../session-cookie.ts'
import type { Sessions } from '../sessions.ts'
import type { OidcAccounts } from './accounts.ts'
import type { OidcSettings } from './oidc-settings.ts'
import { newFlow, type OidcProvider, type ProvenPerson } from './provider.ts'

type OidcHandlers = Pick<
  Handlers,
  | 'GET /api/v1/session/ways'
  | 'GET /api/v1/session/oidc'
  | 'GET /api/v1/session/oidc/callback'
  | 'GET /api/v1/single-sign-on'
>

interface OidcRouteOptions {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
  readonly log: Pick<Logger, 'warn'>
  readonly secrets: SecretBox
  readonly sessions: Sessions
  readonly access: Access
  /** Told of a refusal whose answer is a page. */
  readonly refused: (refusal: Refusal) => Promise<void>
  /** Undefined: single sign-on is not set up. */
  readonly single:
    | { readonly settings: OidcSettings; readonly provider: OidcProvider; readonly accounts: OidcAccounts }
    | undefined
}

const FLOW_MS = 10 * 60_000
const CALLBACK = 'GET /api/v1/session/oidc/callback'
const PURPOSE = 'single sign-on flow'

const Flow = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  returnTo: z.string(),
  /** A proof is renewed; otherwise somebody signs in. */
  proves: z.boolean(),
  /** Of the browser that began: its cookie does not come along on the way back. */
  session: z.strictObject({ userId: z.string(), username: z.string(), sessionHash: z.string() }).nullable(),
  expiresAt: z.int(),
})
type Flow = z.infer<typeof Flow>

const cookieName = (secure: boolean) => (secure ? '__Host-rebootless-oidc' : 'rebootless-oidc')
/** Lax, since the way back comes from the provider's site; what it holds opens with our key alone. */
const attributes = (secure: boolean) => ({ httpOnly: true, secure, sameSite: 'lax', path: '/' }) as const

/** The Host header is on the list of our names by now (T02). */
const ownOrigin = (request: Request) => `${request.protocol}://${request.headers.host ?? ''}`

const wantsPage = (request: Request) => request.headers.accept?.includes('text/html') === true

/** Where a browser is told in words what a script reads from the problem. */
const refusedPage = ({ code }: DomainError) => `/sign-in?refused=${code}`

const goTo = (response: Response, address: string) => {
  response.setHeader('Cache-Control', 'no-store')
  response.redirect(303, address)
}

/** Field by field, so that the secret stays behind whatever comes to be added. */
const setupOf = ({
  issuer,
  clientId,
  clientSecret,
  groupsClaim,
  algorithm,
  roles,
}: OidcSettings): SingleSignOnSetup => ({
  issuer,
  clientId,
  hasSecret: clientSecret !== undefined,
  groupsClaim,
  algorithm,
  groups: [...roles],
})

export const oidcHandlers = (options: OidcRouteOptions): OidcHandlers => {
  const { database, clock, log, secrets, sessions, access, single } = options

  const readFlow = (request: Request): Flow | undefined => {
    const [sealed, ...more] = readCookies(request, cookieName(request.secure))
    if (sealed === undefined || more.length > 0) return undefined
    try {
      const flow = Flow.parse(JSON.parse(secrets.open(PURPOSE, sealed)))
      return flow.expiresAt > clock.now().getTime() ? flow : undefined
    } catch {
      return undefined
    }
  }

  const renewProof = async ({ session, returnTo }: Flow, person: ProvenPerson, from: From) => {
    const alive = await sessions.alive(session === null ? [] : [session.sessionHash])
    if (session === null || !alive.has(session.sessionHash) || !(await single?.accounts.isOf(session.userId, person))) {
      throw new DomainError('sign_in_refused', 'This was another account, or the session has ended: sign in again.')
    }
    await database.transaction().execute(async (transaction) => {
      await sessions.authenticated(transaction, session.sessionHash)
      const target = userTarget({ id: session.userId, username: session.username })
      const actor = { ...from.actor, id: target.id, name: session.username }
      const entry = { action: 'session.authenticate', target, after: { way: 'single sign-on' } }
      await appendAudit(transaction, entryOf({ ...from, actor }, clock.now(), entry))
    })
    return returnTo
  }

  const finish = async (request: Request, from: From, cookies: SessionCookies): Promise<string> => {
    const flow = readFlow(request)
    if (single === undefined || flow === undefined) {
      throw new DomainError('sign_in_refused', 'This sign-in did not begin here, or took too long: begin again.')
    }
    const current = new URL(request.url, ownOrigin(request))
    const person = await single.provider.finish(current, flow, flow.proves)
    if (flow.proves) return renewProof(flow, person, from)
    const userId = await single.accounts.userOf(person, from)
    const { token } = await access.begin(userId, 'single sign-on', from, flow.session)
    cookies.set(token)
    return flow.returnTo
  }

  return {
    'GET /api/v1/session/ways': async () => ({ password: true, singleSignOn: single !== undefined }),

    'GET /api/v1/single-sign-on': async () => (single === undefined ? null : setupOf(single.settings)),

    // It changes nothing here: all that there is to remember, the browser holds, sealed.
    'GET /api/v1/session/oidc': async ({ query, signedIn }, request, response) => {
      if (single === undefined) {
        throw new DomainError('route_not_found', 'Single sign-on is not set up here: sign in with a password.')
      }
      const proving = query.purpose === 'authenticate'
      if (proving && signedIn?.via !== 'session') {
        throw new DomainError('not_signed_in', 'Nobody is signed in here who could prove himself: sign in.')
      }
      const flow: Flow = {
        ...newFlow(),
        returnTo: query.return,
        proves: proving,
        session:
          signedIn?.via === 'session'
            ? { userId: signedIn.userId, username: signedIn.username, sessionHash: signedIn.sessionHash }
            : null,
        expiresAt: clock.now().getTime() + FLOW_MS,
      }
      const redirectUri = `${ownOrigin(request)}/api/v1/session/oidc/callback`
      let target: URL
      try {
        target = await single.provider.authorizationUrl(redirectUri, flow, proving)
      } catch (error) {
        if (!(error instanceof DomainError) || !wantsPage(request)) throw error
        return goTo(response, refusedPage(error))
      }
      const { secure } = request
      const sealed = secrets.seal(PURPOSE, JSON.stringify(flow))
      response.cookie(cookieName(secure), sealed, { ...attributes(secure), maxAge: FLOW_MS })
      goTo(response, target.href)
    },

    // The one GET that changes something (T02): the provider leads back by nothing else. It counts only with the state
    // in the sealed cookie of the browser that began. The session's own cookie, SameSite=Strict, goes with what the page
    // then asks for, since that comes from our own site.
    'GET /api/v1/session/oidc/callback': async (call, request, response) => {
      response.clearCookie(cookieName(request.secure), attributes(request.secure))
      try {
        goTo(response, await finish(request, call, call.cookies))
      } catch (error) {
        if (!(error instanceof DomainError)) throw error
        const cause = error.cause instanceof Error ? error.cause.message : undefined
        log.warn({ requestId: call.requestId, code: error.code, cause }, 'a single sign-on was refused')
        if (!wantsPage(request)) throw error
        const { actor, requestId } = call
        await options.refused({ route: CALLBACK, roles: 'anyone', actor, requestId, error })
        goTo(response, refusedPage(error))
      }
    },
  }
}
