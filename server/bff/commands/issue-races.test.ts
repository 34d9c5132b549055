// Goal: what ends a host's right to be commanded, in the very instant of an issue, is seen by it or comes after it. Method:
// both run over connections of their own; one is held where the other has to wait, and then the other way round.
import { sql, type Transaction } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SERVER } from '../access/doer.ts'
import { AUDIT_LOCK } from '../audit/audit-lock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { createHostActs } from '../enrolment/host-acts.ts'
import { eventually } from '../link/link-test-bench.ts'
import { freezeFleet } from './freeze.ts'
import { issueCommand } from './issue-command.ts'
import { addTestHost, type TestHost } from './test-fleet.ts'
import { type RequestBench, startRequestBench } from './test-requests.ts'

let bench: RequestBench
beforeAll(async () => {
  bench = await startRequestBench()
})
afterAll(() => bench.end())

const HOST_KEY = 'ab'.repeat(32)
const now = () => bench.backend.clock.now()
const issue = (host: TestHost) =>
  issueCommand(bench.kysely, host.id, HOST_KEY, { key: bench.backend.commandKey, now: now() })
const acts = () => createHostActs(bench.kysely, now)
const SOMEBODY = { ...SERVER, username: 'ann', requestId: 'request-1' }

/** Each as the program does it, and what is left of the command once it was seen. */
const ENDS: Record<string, { end(host: TestHost): Promise<unknown>; left: string[] }> = {
  'a quarantine': { end: ({ id }) => acts().quarantine(id, 'odd', SOMEBODY), left: ['waiting'] },
  'a removal': { end: ({ id, name }) => acts().remove(id, { name, reason: 'gone' }, SOMEBODY), left: [] },
  'a revocation': {
    end: ({ id, name }) => acts().revokeCertificates(id, { name, reason: 'lost' }, SOMEBODY),
    left: ['waiting'],
  },
  'a renewal that ends the key of the link': {
    end: ({ id }) =>
      bench.kysely.transaction().execute(async (transaction) => {
        const set = { revoked_at: now() }
        await transaction.updateTable('certificates').set(set).where('host_id', '=', id).execute()
        await auditLock(transaction)
      }),
    left: ['waiting'],
  },
  'a freeze': {
    end: () =>
      freezeFleet(
        bench.kysely,
        'panics',
        { ...SOMEBODY, now: now(), userId: '00000000-0000-4000-8000-000000000000' },
        bench.backend.commandKey,
      ),
    left: ['waiting'],
  },
}

const auditLock = (transaction: Transaction<DatabaseSchema>) =>
  sql`select pg_advisory_xact_lock(${sql.lit(AUDIT_LOCK)})`.execute(transaction)

/** While it is held, whoever wants to write to the log waits, with all that he has locked. */
const withLogHeld = async (work: () => Promise<void>): Promise<void> => {
  await bench.kysely.transaction().execute(async (transaction) => {
    await auditLock(transaction)
    await work()
  })
}
const waiters = async () => {
  const { rows } = await sql<{ count: number }>`
    select count(distinct pid)::int as count from pg_locks
    where not granted and pid in (select pid from pg_stat_activity where datname = current_database())`.execute(
    bench.kysely,
  )
  return rows[0]?.count ?? 0
}
const waiting = (count: number) => eventually(`${count} wait`, async () => (await waiters()) >= count)

const ready = async () => {
  await bench.kysely.updateTable('fleet_freeze').set({ frozen: false }).execute()
  const host = await addTestHost(bench.kysely, { now: now() })
  // As after a first command: the row is not inserted, which would wait for the host by itself.
  await bench.kysely.insertInto('command_sequences').values({ host_id: host.id, epoch: 1, sequence: 1 }).execute()
  const { id } = await bench.requested(await bench.person('operator'), [host])
  return { host, id }
}
const statesOf = async (id: string) => {
  const rows = await bench.kysely.selectFrom('commands').select('state').where('authorisation_id', '=', id).execute()
  return rows.map(({ state }) => state)
}

describe.each(Object.entries(ENDS))('T17 T18 T28 %s in the instant of an issue', (_name, { end, left }) => {
  test('that has begun and not committed is waited for, and nothing is made', async () => {
    const { host, id } = await ready()
    let ended: Promise<unknown> = Promise.resolve()
    let issued: ReturnType<typeof issue> = Promise.resolve(undefined)
    await withLogHeld(async () => {
      ended = end(host)
      await waiting(1)
      issued = issue(host)
      await waiting(2)
    })
    await ended
    expect([await issued, await statesOf(id)]).toEqual([undefined, left])
  })

  test('that comes while a command is being made comes after it, and the command is not said again', async () => {
    const { host, id } = await ready()
    let ended: Promise<unknown> = Promise.resolve()
    let issued: ReturnType<typeof issue> = Promise.resolve(undefined)
    await withLogHeld(async () => {
      issued = issue(host)
      await waiting(1)
      ended = end(host)
      await waiting(2)
    })
    await ended
    expect((await issued)?.message.type).toBe('command')
    expect(await statesOf(id)).toEqual(left.length === 0 ? [] : ['sent'])
    expect(await issue(host)).toBeUndefined()
  })
})
