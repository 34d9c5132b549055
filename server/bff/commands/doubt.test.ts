// Goal: where something that a decision hangs on fails, nothing is changed and nothing is sent; only stopping goes on.
// Method: a table of failures, each made in the database or in the server's key, over each way to change something.
import { sign } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PAYLOAD_TYPES, signingBytes } from '@rebootless/shared/domain/signing-bytes.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { WHOLE_FLEET } from '../hosts/host-scope.ts'
import { createUser } from '../http/test-users.ts'
import { type CommandKey, openCommandKey } from '../link/command-key.ts'
import { registerApproverKey, revokeApproverKey } from './approver-keys.ts'
import { readAuthorisation } from './authorisation-views.ts'
import { createDispatcher } from './dispatcher.ts'
import { cancelAuthorisation, reverseAuthorisation } from './end-authorisation.ts'
import { freezeFleet, liftFreeze, readFreeze } from './freeze.ts'
import { requestAuthorisation } from './request-authorisation.ts'
import { signAuthorisation } from './sign-authorisation.ts'
import { addTestHost, createAgentStub, listeningLink, newApproverKey, type TestHost } from './test-fleet.ts'
import { deliver } from './test-outbox.ts'

let database: TestDatabase
let folder: string
let key: CommandKey
let operatorId: string
let approverId: string
const approverKey = newApproverKey()
let keyId: string
let host: TestHost
let production: TestHost
const now = new Date()
const who = (userId: string, role: 'operator' | 'approver') => {
  const actor = { kind: 'user', id: userId, name: role, address: null } as const
  return { actor, requestId: null, now, userId, username: role, role, via: 'session', scope: WHOLE_FLEET } as const
}
const request = (on: TestHost, reversal = false) =>
  requestAuthorisation(
    database.kysely,
    {
      ...{
        action: 'load',
        patch: 'lp_new',
        artefact: 'a'.repeat(64),
        provider: null,
        target: null,
        reason: 'test',
        validHours: 1,
      },
      ...{ downgrade: false, reversal, hosts: [{ id: on.id }] },
    },
    who(operatorId, 'operator'),
  )
beforeAll(async () => {
  database = await createTestDatabase()
  folder = await mkdtemp(path.join(tmpdir(), 'rebootless-doubt-'))
  key = await openCommandKey(folder)
  operatorId = await createUser(database.kysely, 'operator')
  approverId = await createUser(database.kysely, 'approver')
  const registered = await registerApproverKey(
    database.kysely,
    { publicKey: approverKey.publicKey, name: 'key' },
    who(approverId, 'approver'),
  )
  keyId = registered.id
  await database.kysely
    .insertInto('artefacts')
    .values({
      ...{ sha256: 'a'.repeat(64), size: 10, name: 'lp_new', vermagic: '6.12.1-amd64 SMP', version: null },
      ...{ srcversion: null, depends: [], release_counter: 1, uploaded_by: 'test', uploaded_at: now },
    })
    .execute()
  host = await addTestHost(database.kysely)
  production = await addTestHost(database.kysely, {
    policy: { hostClass: 'production', approvers: [{ name: 'one', publicKey: approverKey.publicKey }] },
  })
})
afterAll(async () => {
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

/** Everything that an act could change. */
const everything = async () => {
  const { rows } = await sql<{ all: string }>`
    select md5(concat(
      (select string_agg(t::text, '' order by id) from authorisations t),
      (select string_agg(t::text, '' order by id) from commands t),
      (select string_agg(t::text, '' order by authorisation_id) from authorisation_signatures t),
      (select string_agg(t::text, '' order by id) from approver_keys t),
      (select string_agg(t::text, '' order by host_id) from command_sequences t),
      (select t::text from fleet_freeze t), (select count(*) from audit), (select count(*) from events)
    )) as all`.execute(database.kysely)
  return rows[0]?.all
}

const failing = async (table: string, work: () => Promise<void>): Promise<void> => {
  await sql`create function refuse() returns trigger language plpgsql as $$ begin raise 'no room on the disk'; end $$`.execute(
    database.kysely,
  )
  await sql`create trigger refuse before insert on ${sql.table(table)} for each row execute function refuse()`.execute(
    database.kysely,
  )
  try {
    await work()
  } finally {
    await sql`drop function refuse() cascade`.execute(database.kysely)
  }
}

const dispatcherWith = (own: CommandKey = key) =>
  createDispatcher({
    ...{ database: database.kysely, clock: { now: () => now }, key: own, log: { warn: () => undefined } },
    files: { read: async () => undefined },
  })

/** What one look sends to the host. */
const lookFor = async (own?: CommandKey) => {
  const dispatcher = dispatcherWith(own)
  const link = listeningLink(host)
  dispatcher.linkOpened(link)
  await dispatcher.look()
  await dispatcher.close()
  return link.sent.filter(({ type }) => type === 'command')
}

describe('T30 T33 no audit row, no act; no event, no act', () => {
  test.each(['audit', 'events'])('when %s takes nothing, each change is refused whole', async (table) => {
    const waiting = await request(production)
    const { payload } = await readAuthorisation(database.kysely, waiting, who(operatorId, 'operator'), now)
    const signature = sign(null, signingBytes(PAYLOAD_TYPES.authorisation, payload), approverKey.privateKey).toString(
      'base64',
    )
    const done = await request(host, true)
    const stub = createAgentStub(host, key.publicKey, () => now)
    const dispatcher = dispatcherWith()
    const link = listeningLink(host)
    dispatcher.linkOpened(link)
    await dispatcher.look()
    // Stored before anything is compared or made to fail.
    await deliver(stub, link.sent, (result) => dispatcher.accept(host.id, result, now))
    await dispatcher.look()
    await dispatcher.close()
    expect(stub.effects).toContain(`${done} action`)
    const open = await request(host)

    const approver = who(approverId, 'approver')
    const operator = who(operatorId, 'operator')
    const other = newApproverKey()
    const acts: [string, () => Promise<unknown>][] = [
      ['request', () => request(host)],
      [
        'sign',
        () => signAuthorisation(database.kysely, waiting, { publicKey: approverKey.publicKey, signature }, approver),
      ],
      ['cancel', () => cancelAuthorisation(database.kysely, waiting, operator)],
      ['reverse', () => reverseAuthorisation(database.kysely, done, 'a test', operator)],
      ...(table === 'events'
        ? []
        : ([
            [
              'register a key',
              () => registerApproverKey(database.kysely, { publicKey: other.publicKey, name: 'x' }, approver),
            ],
            ['revoke a key', () => revokeApproverKey(database.kysely, keyId, null, 'test', approver)],
          ] as [string, () => Promise<unknown>][])),
    ]
    const before = await everything()
    await failing(table, async () => {
      for (const [name, act] of acts) {
        await expect(act(), name).rejects.toThrow(/no room on the disk/)
        expect([name, await everything()]).toEqual([name, before])
      }
      expect(await lookFor()).toEqual([])
      expect(await everything()).toBe(before)
    })
    expect(await lookFor()).toHaveLength(1)
    await cancelAuthorisation(database.kysely, waiting, operator)
    await database.kysely
      .updateTable('commands')
      .set({ state: 'cancelled' })
      .where('authorisation_id', '=', open)
      .execute()
  })
})

describe('T33 the server’s key', () => {
  test('one that does not sign sends nothing, and the command waits on', async () => {
    const id = await request(host)
    const broken: CommandKey = {
      publicKey: key.publicKey,
      sign: () => {
        throw new Error('no key')
      },
    }
    const before = await everything()
    expect(await lookFor(broken)).toEqual([])
    expect(await everything()).toBe(before)
    await cancelAuthorisation(database.kysely, id, who(operatorId, 'operator'))
  })
})

describe('T33 what is not known of a host', () => {
  test.each<[string, object | null, RegExp]>([
    ['its policy', null, /has not said what its host allows/],
    ['its clock, which is off', { clock_skew_ms: 6 * 60_000 }, /clock is more than five minutes off/],
  ])('%s: nothing is sent', async (_what, columns, reason) => {
    const other = await addTestHost(database.kysely)
    const id = await request(other)
    if (columns === null) {
      await sql`update host_readings set body = (body::jsonb - 'policy')::json where host_id = ${other.id} and kind = 'hello'`.execute(
        database.kysely,
      )
    } else await database.kysely.updateTable('hosts').set(columns).where('id', '=', other.id).execute()
    const dispatcher = dispatcherWith()
    const link = listeningLink(other)
    dispatcher.linkOpened(link)
    await dispatcher.look()
    await dispatcher.close()
    expect(link.sent.filter(({ type }) => type === 'command')).toEqual([])
    const row = await database.kysely
      .selectFrom('commands')
      .select('waiting_for')
      .where('authorisation_id', '=', id)
      .executeTakeFirst()
    expect(row?.waiting_for).toMatch(reason)
  })
})

test('T28 freezing goes on when the audit log takes nothing; lifting it does not', async () => {
  await failing('audit', async () => {
    expect(await freezeFleet(database.kysely, 'stop', who(operatorId, 'operator'), key)).toMatchObject({ frozen: true })
    await expect(liftFreeze(database.kysely, who(operatorId, 'operator'), key)).rejects.toThrow(/no room on the disk/)
  })
  expect(await readFreeze(database.kysely)).toMatchObject({ frozen: true, liftAskedBy: null })
})
