import { ROLES, type Role } from '@rebootless/shared/domain/words.ts'
import type { Kysely } from 'kysely'
import { createApiTokens } from '../access/api-tokens.ts'
import { createSessions } from '../access/sessions.ts'
import { systemClock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { createUser, signInAs } from './test-users.ts'

/** Hosts of the matrix have the label env:staging, and nobody else's host has. */
export const SCOPES = { none: null, own: 'label.env:staging', foreign: 'label.env:prod' } as const
type ScopeName = keyof typeof SCOPES

/** Who may ask for a route: everybody whom the matrix tells apart. */
export interface TestCaller {
  readonly name: string
  readonly headers: Readonly<Record<string, string>>
  /** Null: nobody, whatever he shows. */
  readonly is: { readonly role: Role; readonly scope: ScopeName; readonly via: 'session' | 'token' } | null
}

const HOUR_MS = 60 * 60_000

/** Each role with each scope by session and by token, and those who are nobody. */
export const createTestCallers = async (database: Kysely<DatabaseSchema>): Promise<TestCaller[]> => {
  const sessions = createSessions(database, systemClock)
  const tokens = createApiTokens(database, systemClock)
  const callers: TestCaller[] = []
  const tokenOf = async (role: Role, scope: string | null, expiresAt: Date) => {
    const userId = await createUser(database, role, scope)
    const id = crypto.randomUUID()
    return { id, text: await tokens.create(database, { id, userId, name: 'matrix', role, scope, expiresAt }) }
  }
  const later = new Date(Date.now() + HOUR_MS)
  for (const role of ROLES) {
    for (const scope of Object.keys(SCOPES) as ScopeName[]) {
      const cookie = await signInAs(database, role, systemClock, SCOPES[scope])
      const { text } = await tokenOf(role, SCOPES[scope], later)
      const name = `${role}, scope ${scope}`
      callers.push({ name: `${name}, session`, headers: { cookie }, is: { role, scope, via: 'session' } })
      callers.push({ name: `${name}, token`, headers: bearer(text), is: { role, scope, via: 'token' } })
    }
  }
  const ended = await signInAs(database, 'admin')
  const ofEnded = await sessions.find(ended.replace('rebootless=', ''))
  if (ofEnded === null) throw new Error('the session that is to end did not begin')
  await sessions.end(database, ofEnded.sessionHash)
  const endedToken = await tokenOf('admin', null, later)
  await tokens.end(database, endedToken.id)
  const expired = await tokenOf('admin', null, new Date(Date.now() - 1_000))
  const live = await tokenOf('admin', null, later)
  const nobodies: Record<string, Record<string, string>> = {
    nobody: {},
    'an ended session': { cookie: ended },
    'a made-up session': { cookie: `rebootless=${'A'.repeat(43)}` },
    'an ended token': bearer(endedToken.text),
    'an expired token': bearer(expired.text),
    'a made-up token': bearer(`rbl_${'A'.repeat(43)}`),
    'a token as a cookie': { cookie: `rebootless=${live.text}` },
    'a token beside a session': { ...bearer(live.text), cookie: await signInAs(database, 'admin') },
    'a certificate in a header of a proxy': { 'x-client-cert': 'agent', 'x-ssl-client-verify': 'SUCCESS' },
  }
  for (const [name, headers] of Object.entries(nobodies)) callers.push({ name, headers, is: null })
  return callers
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
