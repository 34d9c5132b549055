// Goal: whoever has the server's machine lets an admin in again who lost his second factor, and it stands in the log. Method:
// the embedded database as the server runs it, and the program as a process of its own beside it.
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { AuditEntry } from '@rebootless/shared/contract/audit.ts'
import pino from 'pino'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createSessions } from '../bff/access/sessions.ts'
import { useLinkToken } from '../bff/access/sign-in-link.ts'
import { systemClock } from '../bff/clock.ts'
import { connect, type Database } from '../bff/database/connect.ts'
import { migrations } from '../bff/database/migrations/index.ts'
import { prepareSchema } from '../bff/database/prepare-schema.ts'
import { createUser } from '../bff/http/test-users.ts'
import { buildCli } from '../build/build-cli.ts'

const log = pino({ level: 'silent' })
let folder: string
let database: Database
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'console-'))
  await chmod(folder, 0o755)
  database = await connect({ embedded: { dataDirectory: folder }, log })
  await prepareSchema(database, migrations, log)
})
afterAll(async () => {
  await database.close()
  await rm(folder, { recursive: true, force: true })
})

const program = fileURLToPath(new URL('console-main.ts', import.meta.url))
const runNode = (args: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
  new Promise<{ status: number; said: string }>((resolve) => {
    const env = { PATH: process.env.PATH, ...environment }
    execFile(process.execPath, [...args], { env }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code), said: stdout + stderr }),
    )
  })
const people = (args: readonly string[], environment: NodeJS.ProcessEnv = { REBOOTLESS_DATA: folder }) =>
  runNode(['--import', 'tsx', program, ...args], environment)

let username: string
let id: string
beforeEach(async () => {
  id = await createUser(database.kysely, 'admin')
  username = `admin-${id}`
  await database.kysely.updateTable('users').set({ totp_seed: 'sealed' }).where('id', '=', id).execute()
  const session = { userId: id, way: 'password', address: null, userAgent: null } as const
  await createSessions(database.kysely, systemClock).start(database.kysely, session)
})
const user = () =>
  database.kysely.selectFrom('users').select('totp_seed').where('id', '=', id).executeTakeFirstOrThrow()
const openSessions = async () => {
  const open = database.kysely.selectFrom('sessions').select('id').where('user_id', '=', id)
  return (await open.where('ended_at', 'is', null).execute()).length
}
const written = async () => {
  const rows = await database.kysely.selectFrom('audit').select('entry').where('target_id', '=', id).execute()
  return rows.map(({ entry }) => AuditEntry.parse(JSON.parse(entry)))
}
const CONSOLE = { kind: 'server', id: null, name: "the server's console", address: null }

test('T30 a second factor is turned off with its reason, and what the user had open ends', async () => {
  const answer = await people(['reset-second-factor', username, '--reason', 'phone lost'])
  expect(answer).toMatchObject({ status: 0, said: expect.stringContaining('has no second factor any more') })
  expect([(await user()).totp_seed, await openSessions()]).toEqual([null, 0])
  expect(await written()).toMatchObject([
    { action: 'second_factor.remove', actor: CONSOLE, reason: 'phone lost', result: 'done' },
  ])
  expect(await people(['reset-second-factor', username, '--reason', 'again'])).toMatchObject({ status: 1 })
  expect(await written()).toHaveLength(1)
})

test('T01 T30 a link that is printed signs its user in once, by DATABASE_URL too', async () => {
  const { host, port, user: role, password, database: name } = database.connection
  const part = (value: unknown) => encodeURIComponent(String(value))
  const url = `postgres://${part(role)}:${part(password)}@localhost/${part(name)}?host=${part(host)}&port=${port}`
  const { status, said } = await people(['sign-in-link', username], { DATABASE_URL: url })
  expect(status, said).toBe(0)
  const token = /\/sign-in#token=(\S+)/.exec(said)?.[1] ?? ''
  expect(await useLinkToken(database.kysely, token, new Date())).toBe(id)
  expect(await useLinkToken(database.kysely, token, new Date())).toBeUndefined()
  expect(await written()).toMatchObject([{ action: 'sign_in_link.create', actor: CONSOLE, result: 'done' }])
  expect(JSON.stringify(await written())).not.toContain(token)
})

test('wrong use, an unknown user and a folder without a database change nothing and say what to do', async () => {
  for (const args of [[], ['reset-second-factor', username], ['remove', username], ['sign-in-link', 'a', 'b']]) {
    expect(await people(args)).toMatchObject({ status: 2, said: expect.stringContaining('Usage: rebootless people') })
  }
  expect(await people(['sign-in-link', 'no\u001bbody'])).toEqual({
    ...{ status: 1, said: 'There is no user no\\u{1b}body.\n' },
  })
  const empty = path.join(folder, 'empty')
  expect(await people(['sign-in-link', username], { REBOOTLESS_DATA: empty })).toMatchObject({
    ...{ status: 1, said: expect.stringContaining(`no database in ${empty}`) },
  })
  expect([(await user()).totp_seed, await openSessions(), await written()]).toEqual(['sealed', 1, []])
})

test('the command line hands on to the program beside it, and says so where there is none', async () => {
  const cli = await buildCli(path.join(folder, 'rebootless.mjs'))
  expect(await runNode([cli, 'people', 'sign-in-link', 'ann'])).toMatchObject({
    ...{ status: 1, said: expect.stringContaining("the server's own machine") },
  })
  await writeFile(
    path.join(folder, 'console.mjs'),
    'console.log(JSON.stringify(process.argv.slice(2))); process.exit(7)',
  )
  expect(await runNode([cli, 'people', 'reset-second-factor', 'ann', '--reason', 'a b'])).toEqual({
    ...{ status: 7, said: '["reset-second-factor","ann","--reason","a b"]\n' },
  })
})
