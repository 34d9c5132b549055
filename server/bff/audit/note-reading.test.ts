// Goal: who takes the whole log, or verifies it, stands in it, once; and nobody is kept from it by a log that takes no entry.
// Method: a real backend over PostgreSQL, whose log is then made to refuse.
import { AuditEntry } from '@rebootless/shared/contract/audit.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { signInAs } from '../http/test-users.ts'
import { startTestBackend, type TestBackend } from '../test-backend.ts'

let database: TestDatabase
let backend: TestBackend
let cookie: string
beforeAll(async () => {
  database = await createTestDatabase()
  backend = await startTestBackend(database)
  cookie = await signInAs(database.kysely, 'approver')
})
afterAll(async () => {
  await backend.close()
  await database.drop()
})

const get = async (path: string) => {
  const answer = await backend.call('GET', `/api/v1/audit${path}`, { cookie })
  expect(answer.status, answer.text).toBe(200)
  return answer
}
const written = async () => {
  const rows = await database.kysely.selectFrom('audit').select('entry').orderBy('sequence').execute()
  return rows.map(({ entry }) => AuditEntry.parse(JSON.parse(entry)))
}

test('T30 one entry for each export, which the file holds already', async () => {
  for (const [path, format] of [
    ['/export', 'ndjson'],
    ['/export.csv', 'csv'],
  ] as const) {
    const before = (await written()).length
    const { text } = await get(path)
    const [made, ...others] = (await written()).slice(before)
    expect(others).toEqual([])
    expect(made).toMatchObject({ action: 'audit.export', result: 'done', after: { format } })
    expect(made?.actor).toMatchObject({ kind: 'user', address: '127.0.0.1', name: expect.stringMatching(/.+/) })
    expect(text).toContain(made?.requestId ?? 'no request')
  }
})

test('T30 one entry for each verification, however many stretches it takes, and none for looking', async () => {
  const before = (await written()).length
  await get('/heads')
  await get('')
  await get('/chain?limit=1')
  await get('/chain?from=2&limit=1')
  await get('/chain?from=3')
  expect((await written()).slice(before).map(({ action }) => action)).toEqual(['audit.verify'])
})

test('T33 a log that takes no entry is read all the same', async () => {
  await sql`create function no_entry() returns trigger language plpgsql as
    $$ begin raise exception 'disk full' using errcode = '53100'; end $$`.execute(database.kysely)
  await sql`create trigger a_full_disk before insert on audit for each row execute function no_entry()`.execute(
    database.kysely,
  )
  const before = (await written()).length
  expect((await get('/export')).text).toContain('"kind":"end"')
  expect((await get('/export.csv')).text).toContain('user.create')
  expect((await get('/chain')).json<{ links: unknown[] }>().links).toHaveLength(before)
})
