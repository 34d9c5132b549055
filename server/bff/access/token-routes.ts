import { randomUUID } from 'node:crypto'
import type { ApiToken } from '@rebootless/shared/contract/tokens.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { isScopeWithin, lesserRole } from '@rebootless/shared/domain/scope-within.ts'
import type { Kysely } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { Handlers } from '../http/call.ts'
import type { ApiTokens } from './api-tokens.ts'
import { entryOf, isFleetAdmin } from './doer.ts'
import { tellOfPerson } from './people-events.ts'
import { ownerOf } from './routes.ts'
import { scopeOf } from './users.ts'

type TokenHandlers = Pick<Handlers, 'GET /api/v1/tokens' | 'POST /api/v1/tokens' | 'DELETE /api/v1/tokens/:id'>

interface TokenRouteOptions {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
  readonly tokens: ApiTokens
}

const DAY_MS = 24 * 60 * 60_000

const itemOf = (row: Awaited<ReturnType<ApiTokens['list']>>[number]): ApiToken => ({
  id: row.id,
  name: row.name,
  username: row.username,
  role: row.role,
  scope: row.scope,
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
  endedAt: row.ended_at?.toISOString() ?? null,
})

export const tokenHandlers = ({ database, clock, tokens }: TokenRouteOptions): TokenHandlers => ({
  'GET /api/v1/tokens': async ({ signedIn, query }) => {
    const rows = await tokens.list(ownerOf(signedIn, query.user))
    return { items: rows.map(itemOf) }
  },

  'POST /api/v1/tokens': async ({ signedIn, body: { validDays, ...wanted }, ...call }) => {
    const scope = scopeOf(wanted.scope)
    if (lesserRole(wanted.role, signedIn.role) !== wanted.role) {
      throw new DomainError('not_authorised', `A token holds no more than its creator does: ${signedIn.role} at most.`)
    }
    if (!isScopeWithin(scope, signedIn.scope)) {
      throw new DomainError(
        'not_authorised',
        `A token reaches no further than its creator: begin with ${signedIn.scope}.`,
      )
    }
    const now = clock.now()
    const expiresAt = new Date(now.getTime() + validDays * DAY_MS)
    const id = randomUUID()
    const { name, role } = wanted
    const created = { id, name, role, scope }
    const token = await database.transaction().execute(async (transaction) => {
      const text = await tokens.create(transaction, { ...created, userId: signedIn.userId, createdAt: now, expiresAt })
      const target = { kind: 'token', id, name }
      const after = { role, scope, expiresAt: expiresAt.toISOString() }
      await appendAudit(transaction, entryOf(call, now, { action: 'token.create', target, after }))
      await tellOfPerson(transaction, signedIn.userId, ['tokens'], now)
      return text
    })
    const times = { createdAt: now.toISOString(), expiresAt: expiresAt.toISOString(), lastUsedAt: null, endedAt: null }
    return { token, item: { ...created, username: signedIn.username, ...times } }
  },

  'DELETE /api/v1/tokens/:id': async ({ signedIn, params: { id }, body: { reason }, ...call }) => {
    await database.transaction().execute(async (transaction) => {
      const owner = isFleetAdmin(signedIn) ? undefined : signedIn.userId
      const ended = await tokens.end(transaction, id, owner)
      if (ended === undefined) {
        throw new DomainError('token_not_found', 'There is no such API token, or it has ended already.')
      }
      const target = { kind: 'token', id, name: ended.name }
      await appendAudit(transaction, entryOf(call, clock.now(), { action: 'token.end', target, reason }))
      await tellOfPerson(transaction, ended.userId, ['tokens'], clock.now())
    })
    return null
  },
})
