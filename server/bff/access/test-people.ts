import type { Role } from '@rebootless/shared/domain/words.ts'
import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { cookieOf, type TestBackend } from '../test-backend.ts'

export interface TestPerson {
  readonly id: string
  readonly username: string
  readonly cookie: string
}

interface Created {
  readonly user: { readonly id: string }
  readonly link: { readonly path: string }
}

export const linkTokenOf = (path: string): string => path.replace('/sign-in#token=', '')

export const useLink = (backend: TestBackend, path: string) =>
  backend.call('POST', '/api/v1/session/link', { body: { token: linkTokenOf(path) } })

/** Made by an admin and signed in by his link, as it is done in life. */
export const addPerson = async (
  backend: TestBackend,
  admin: string,
  username: string,
  role: Role,
  scope: string | null = null,
): Promise<TestPerson> => {
  const created = await backend.call('POST', '/api/v1/users', {
    cookie: admin,
    body: { username, role, scope, reason: 'test' },
  })
  const { user, link } = created.json<Created>()
  return { id: user.id, username, cookie: cookieOf(await useLink(backend, link.path)) }
}

export const setPassword = (backend: TestBackend, cookie: string, password: string, current?: string) =>
  backend.call('PUT', '/api/v1/session/password', {
    cookie,
    body: { password, ...(current === undefined ? {} : { current }) },
  })

/** What the audit log holds, oldest first: action, target's name, result. */
export const auditOf = async (database: Kysely<DatabaseSchema>, action?: string) => {
  const rows = await database.selectFrom('audit').select('entry').orderBy('sequence').execute()
  return rows
    .map(({ entry }) => JSON.parse(entry) as { action: string; target: { name: string | null } | null; result: string })
    .filter((entry) => action === undefined || entry.action === action)
    .map((entry) => ({ action: entry.action, target: entry.target?.name ?? null, result: entry.result, entry }))
}
