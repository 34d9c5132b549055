import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { Kysely } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { Handlers, SignedIn } from '../http/call.ts'
import { describeSession } from './describe-session.ts'
import { entryOf, isFleetAdmin } from './doer.ts'
import type { OwnAccount } from './own-account.ts'
import { tellOfPerson } from './people-events.ts'
import type { Access } from './service.ts'
import type { Sessions } from './sessions.ts'

type AccessHandlers = Pick<
  Handlers,
  | 'POST /api/v1/session'
  | 'POST /api/v1/session/link'
  | 'POST /api/v1/session/code'
  | 'GET /api/v1/session'
  | 'DELETE /api/v1/session'
  | 'POST /api/v1/session/authenticate'
  | 'PUT /api/v1/session/password'
  | 'POST /api/v1/session/totp'
  | 'POST /api/v1/session/totp/confirm'
  | 'DELETE /api/v1/session/totp'
  | 'GET /api/v1/sessions'
  | 'DELETE /api/v1/sessions/:id'
>

interface AccessRouteOptions {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
  readonly sessions: Sessions
  readonly access: Access
  readonly account: OwnAccount
  /** Told of a session that ended, so that its event streams here end at once. */
  readonly onEnded: (sessionHash: string) => void
}

/**
 * Whose sessions or tokens somebody asks for.
 * @throws DomainError `user_not_found` alike for others that are there and that are not (T07)
 */
export const ownerOf = (signedIn: SignedIn, user: string | undefined): string => {
  if (user === undefined || user === signedIn.userId || isFleetAdmin(signedIn)) return user ?? signedIn.userId
  throw new DomainError('user_not_found', 'There is no such user that you may ask about: leave the parameter out.')
}

export const accessHandlers = (options: AccessRouteOptions): AccessHandlers => {
  const { database, clock, sessions, access, account, onEnded } = options
  /** With a proof that is from just now. */
  const described = (signedIn: SignedIn) => describeSession(database, { ...signedIn, authenticatedAt: clock.now() })

  return {
    'POST /api/v1/session': async (call) => {
      const answer = await access.signIn(call.body, call)
      if ('challenge' in answer) return answer
      call.cookies.set(answer.token)
      return answer.session
    },
    'POST /api/v1/session/link': async (call) => {
      const answer = await access.signInByLink(call.body.token, call)
      if ('challenge' in answer) return answer
      call.cookies.set(answer.token)
      return answer.session
    },
    'POST /api/v1/session/code': async (call) => {
      const { token, session } = await access.signInByCode(call.body, call)
      call.cookies.set(token)
      return session
    },
    'GET /api/v1/session': ({ signedIn }) => describeSession(database, signedIn),
    'DELETE /api/v1/session': async ({ signedIn, cookies, ...call }) => {
      await access.signOut(signedIn, call)
      onEnded(signedIn.sessionHash)
      cookies.clear()
      return null
    },
    'POST /api/v1/session/authenticate': async (call) => {
      await account.authenticate(call.signedIn, call.body, call)
      return described(call.signedIn)
    },
    'PUT /api/v1/session/password': async (call) => {
      await account.setPassword(call.signedIn, call.body, call)
      return describeSession(database, call.signedIn)
    },
    'POST /api/v1/session/totp': ({ signedIn, ...call }) => account.beginTotp(signedIn, call),
    'POST /api/v1/session/totp/confirm': async ({ signedIn, body, ...call }) => ({
      recoveryCodes: await account.confirmTotp(signedIn, body.code, call),
    }),
    'DELETE /api/v1/session/totp': async ({ signedIn, body, ...call }) => {
      await account.removeTotp(signedIn, body.reason, call)
      return null
    },
    'GET /api/v1/sessions': async ({ signedIn, query }) => {
      const found = await sessions.list(ownerOf(signedIn, query.user))
      return {
        items: found.map(({ sessionHash, userId: _, way, createdAt, lastUsedAt, expiresAt, ...session }) => ({
          ...session,
          current: sessionHash === signedIn.sessionHash,
          by: way,
          createdAt: createdAt.toISOString(),
          lastUsedAt: lastUsedAt.toISOString(),
          expiresAt: expiresAt.toISOString(),
        })),
      }
    },
    'DELETE /api/v1/sessions/:id': async ({ signedIn, params: { id }, body: { reason }, ...call }) => {
      const session = await sessions.findOpen(id)
      if (session === undefined || (session.userId !== signedIn.userId && !isFleetAdmin(signedIn))) {
        throw new DomainError('session_not_found', 'There is no such session, or it has ended already.')
      }
      await database.transaction().execute(async (transaction) => {
        await sessions.end(transaction, session.sessionHash)
        const target = { kind: 'session', id, name: session.username }
        await appendAudit(transaction, entryOf(call, clock.now(), { action: 'session.end', target, reason }))
        await tellOfPerson(transaction, session.userId, ['sessions'], clock.now())
      })
      onEnded(session.sessionHash)
      return null
    },
  }
}
