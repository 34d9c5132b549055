// Goal: an hour-old backup that is restored in the middle of a rollout repeats nothing, forgets no revocation, and waits for a person
// (threat-model T32). Method: real PostgreSQL, the real driver and dispatcher, agents' stubs that keep their journals over it.
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import type { CommandResult } from '@rebootless/shared/contract/agent-message.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSessions } from '../access/sessions.ts'
import { createDispatcher, type Dispatcher } from '../commands/dispatcher.ts'
import { requestAuthorisation } from '../commands/request-authorisation.ts'
import { listeningLink } from '../commands/test-fleet.ts'
import type { TestDatabase } from '../database/test-database.ts'
import { createHostActs } from '../enrolment/host-acts.ts'
import { WHOLE_FLEET } from '../hosts/host-scope.ts'
import { createUser } from '../http/test-users.ts'
import { openCommandKey } from '../link/command-key.ts'
import { askAct } from '../rollouts/ask-act.ts'
import { readRollout } from '../rollouts/stored-rollout.ts'
import { type RolloutBench, type RolloutHost, startRolloutBench } from '../rollouts/test-rollouts.ts'
import type { RestoreReport } from './after-restore.ts'
import { createJournal, REVOCATIONS_FILE, readRevocations } from './revocation-journal.ts'
import { startBackupBench } from './test-backup.ts'

const HOUR_MS = 3_600_000
const DOER = {
  ...({ actor: { kind: 'server', id: null, name: 'test', address: null }, requestId: 'test' } as const),
  username: 'test',
} as const

let bench: RolloutBench
let backups: Awaited<ReturnType<typeof startBackupBench>>
let restored: { database: TestDatabase; dataFolder: string; report: RestoreReport }
let id: string
let removed: RolloutHost
let revoked: RolloutHost
let quarantined: RolloutHost
let user: string
let token: string
let effects: string[][]

const certify = async (host: RolloutHost): Promise<string> => {
  const fingerprint = randomUUID()
  const at = bench.clock.now()
  const row = {
    fingerprint,
    host_id: host.id,
    issued_at: at,
    expires_at: new Date(at.getTime() + 24 * HOUR_MS),
    revoked_at: null,
  }
  await bench.kysely.insertInto('certificates').values(row).execute()
  return fingerprint
}
const effectsNow = () => bench.hosts.map(({ stub }) => [...stub.effects])

beforeAll(async () => {
  backups = await startBackupBench()
  bench = await startRolloutBench(undefined, Date.now() - HOUR_MS)
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
    await certify(await bench.addHost(name, { labels: { wave: name === 'a' ? 'canary' : 'rest' } }))
  }
  const [, second, third, fourth, , away] = bench.hosts as [
    RolloutHost,
    RolloutHost,
    RolloutHost,
    RolloutHost,
    RolloutHost,
    RolloutHost,
  ]
  ;[revoked, removed, quarantined] = [second, third, fourth]
  away.away = true
  user = await createUser(bench.kysely, 'operator')
  token = randomUUID()
  await sql`insert into api_tokens (id, token_hash, user_id, name, role, created_at, expires_at)
    values (${token}, ${token}, ${user}, 'ci', 'viewer', ${bench.clock.now()}, ${new Date(Date.now() + HOUR_MS)})`.execute(
    bench.kysely,
  )
  await createSessions(bench.kysely, bench.clock).start(bench.kysely, {
    ...{ userId: user, way: 'password', address: null, userAgent: null },
  })
  id = await bench.make({
    waves: [
      { name: 'canary', share: { kind: 'label', key: 'wave', values: ['canary'] } },
      { name: 'rest', share: { kind: 'rest' } },
    ],
  })
  await bench.act(id, { kind: 'start', reason: 'go' })
  const driver = bench.driverOver()
  // The second wave is ordered, and the first has answered.
  const isOrdered = async () => (await bench.commandsOf(id)).some(({ host_id: host }) => host === bench.hosts[4]?.id)
  for (let round = 0; round < 200; round += 1) {
    await driver.look()
    if (await isOrdered()) break
    await bench.answer()
    bench.advance(2_000)
  }
  // One of the second wave has been sent its command, and nobody has heard of it yet.
  const link = listeningLink(bench.hosts[4] as RolloutHost)
  bench.dispatcher.linkOpened(link)
  await bench.dispatcher.look()
  const { file } = await backups.backup(bench.database, bench.folder)

  // The hour that will be lost.
  for (const message of link.sent) {
    const result: CommandResult | undefined = bench.hosts[4]?.stub.hear(message)
    if (result !== undefined) await bench.dispatcher.accept(link.hostId, result, bench.clock.now())
  }
  bench.dispatcher.linkClosed(link.hostId, link.linkId)
  for (let round = 0; round < 5; round += 1) {
    await driver.look()
    await bench.answer()
    bench.advance(2_000)
  }
  const acts = createHostActs(bench.kysely, bench.clock.now)
  await acts.revokeCertificates(revoked.id, { name: revoked.name, reason: 'stolen' }, DOER)
  await acts.remove(removed.id, { name: removed.name, reason: 'sold' }, DOER)
  await acts.quarantine(quarantined.id, 'strange', DOER)
  await sql`update users set disabled_at = now() where id = ${user}`.execute(bench.kysely)
  await sql`update api_tokens set ended_at = now() where id = ${token}`.execute(bench.kysely)
  const journal = path.join(bench.folder, REVOCATIONS_FILE)
  await createJournal(bench.kysely, journal)()
  await driver.close()
  bench.advance(Date.now() - bench.clock.now().getTime())
  effects = effectsNow()
  restored = await backups.restore(file, { revocations: await readRevocations(journal), now: bench.clock.now })
})
afterAll(async () => {
  await bench.end()
  await backups.end()
})

const onRestored = async (work: (dispatcher: Dispatcher) => Promise<void>): Promise<void> => {
  const { kysely } = restored.database
  const key = await openCommandKey(restored.dataFolder)
  const log = { warn: () => undefined }
  const dispatcher = createDispatcher({
    database: kysely,
    clock: bench.clock,
    key,
    files: { read: async () => undefined },
    log,
  })
  try {
    await work(dispatcher)
  } finally {
    await dispatcher.close()
  }
}

/** Every host is linked, those too that were away, and answers what it hears. */
const answerAll = async (dispatcher: Dispatcher): Promise<void> => {
  const links = bench.hosts.map((host) => ({ host, link: listeningLink(host) }))
  for (const { link } of links) dispatcher.linkOpened(link)
  await dispatcher.look()
  for (const { host, link } of links) {
    for (const message of link.sent.splice(0)) {
      const result = host.stub.hear(message)
      if (result !== undefined) await dispatcher.accept(host.id, result, bench.clock.now())
    }
    dispatcher.linkClosed(host.id, link.linkId)
  }
}

describe('T32 an hour-old backup restored in mid-rollout', () => {
  test('was taken in the middle: hosts had the patch, others waited, one was under way', () => {
    expect(effects.filter((some) => some.length > 0).length).toBeGreaterThan(1)
    expect(restored.report).toMatchObject({ rolloutsPaused: ['fix'], hostsUnderWay: ['e'] })
    expect(restored.report.commandsCancelled).toBeGreaterThan(0)
    expect(restored.report.authorisationsVoid).toBeGreaterThan(0)
  })

  test('nothing repeats: an hour of leaders and links has no host do a thing', async () => {
    const driver = bench.driverOver(restored.database.kysely)
    await onRestored(async (dispatcher) => {
      for (let round = 0; round < 12; round += 1) {
        await driver.look()
        await answerAll(dispatcher)
        bench.advance(5 * 60_000)
      }
    })
    await driver.close()
    expect(effectsNow()).toEqual(effects)
  })

  test('the rollout waits for a person and says why; resumed, it has nothing that it may do', async () => {
    const { kysely } = restored.database
    const { state } = await readRollout(kysely, id)
    expect(state.phase).toBe('paused')
    expect(state.because).toMatch(/A backup of .* was restored/)
    const decisions = kysely.selectFrom('rollout_decisions').select('decision').where('rollout_id', '=', id)
    expect((await decisions.where('kind', '=', 'paused by itself').execute()).map(({ decision }) => decision)).toEqual([
      expect.objectContaining({ by: null, because: expect.stringMatching(/was restored/) }),
    ])
    await askAct(kysely, id, { kind: 'resume', reason: 'looked at' }, bench.operator())
    const driver = bench.driverOver(kysely)
    await onRestored(async (dispatcher) => {
      for (let round = 0; round < 3; round += 1) {
        await driver.look()
        await answerAll(dispatcher)
        bench.advance(60_000)
      }
    })
    await driver.close()
    expect(effectsNow()).toEqual(effects)
  })

  test('the command that was under way is asked about, and its host answers from its journal', async () => {
    const row = await restored.database.kysely
      .selectFrom('commands')
      .select(['state', 'code'])
      .where('host_id', '=', bench.hosts[4]?.id ?? '')
      .execute()
    expect(row).toEqual([{ state: 'done', code: null }])
  })

  test('revoked stays revoked: certificates, a removed host, a quarantine, a user, a token', async () => {
    const { kysely } = restored.database
    const good = await kysely
      .selectFrom('certificates')
      .select('host_id')
      .where('revoked_at', 'is', null)
      .where('expires_at', '>', bench.clock.now())
      .execute()
    const hosts = new Set(good.map(({ host_id: host }) => host))
    expect([revoked, removed, quarantined].map((host) => hosts.has(host.id))).toEqual([false, false, true])
    const held = await kysely
      .selectFrom('hosts')
      .select(['id', 'quarantine_reason'])
      .where('quarantined_at', 'is not', null)
      .execute()
    expect(Object.fromEntries(held.map((host) => [host.id, host.quarantine_reason]))).toEqual({
      [removed.id]: expect.stringMatching(/was removed at .* Remove it again/),
      [quarantined.id]: 'strange',
    })
    const who = await kysely.selectFrom('users').select('disabled_at').where('id', '=', user).executeTakeFirstOrThrow()
    const which = await kysely
      .selectFrom('api_tokens')
      .select('ended_at')
      .where('id', '=', token)
      .executeTakeFirstOrThrow()
    expect([who.disabled_at, which.ended_at]).toEqual([expect.any(Date), expect.any(Date)])
  })

  test('nobody is signed in, and the audit log tells of the restore, on a chain that holds', async () => {
    const { kysely } = restored.database
    const open = await kysely.selectFrom('sessions').select('id').where('ended_at', 'is', null).execute()
    expect(open).toEqual([])
    const entries = await kysely
      .selectFrom('audit')
      .select(['entry', 'actor_name'])
      .where('action', '=', 'server.restore')
      .execute()
    expect(entries).toHaveLength(1)
    expect(entries[0]?.actor_name).toBe("the server's console")
    expect(JSON.parse(entries[0]?.entry ?? '')).toMatchObject({
      reason: expect.stringMatching(/^A backup of .* was restored/),
      after: { rolloutsPaused: ['fix'], sessionsEnded: 1 },
    })
    const { rows } = await sql<{ broken: number }>`
      select count(*)::int as broken from (
        select previous_hash, lag(hash, 1, repeat('0', 64)) over (order by sequence) as before from audit
      ) as links where previous_hash <> before`.execute(kysely)
    expect(rows).toEqual([{ broken: 0 }])
  })

  test('T19 what people ask for from now on is newer to every agent than all that it was told in the lost hour', async () => {
    const { kysely } = restored.database
    const host = bench.hosts[0] as RolloutHost
    const before = host.stub.effects.length
    await requestAuthorisation(
      kysely,
      {
        ...{ action: 'refresh', patch: null, artefact: null, provider: null, target: null, reason: 'look' },
        ...{ validHours: 24, downgrade: false, reversal: false, hosts: [{ id: host.id }] },
      },
      { ...bench.operator(), role: 'operator', scope: WHOLE_FLEET },
    )
    await onRestored(answerAll)
    expect(host.stub.effects.length).toBe(before + 1)
    expect(restored.report.epoch).toBeGreaterThan(1_700_000_000)
  })
})

test('T32 a host that tells of a command of the lost hour is marked, once, and is commanded no more; of others nothing comes', async () => {
  const { kysely } = restored.database
  const [first, , , , , last] = bench.hosts as [
    RolloutHost,
    RolloutHost,
    RolloutHost,
    RolloutHost,
    RolloutHost,
    RolloutHost,
  ]
  const restoredAt = await kysely
    .selectFrom('audit')
    .select('at')
    .where('action', '=', 'server.restore')
    .executeTakeFirstOrThrow()
  const result = (msBefore: number): CommandResult => {
    const at = new Date(restoredAt.at.getTime() - msBefore).toISOString()
    const order = { epoch: 1, sequence: 500, sentAt: at }
    return { type: 'result', ...order, commandId: randomUUID(), state: 'done', code: null, detail: '', at }
  }
  await onRestored(async (dispatcher) => {
    await dispatcher.accept(first.id, result(24 * HOUR_MS), bench.clock.now())
    for (const _ of [1, 2]) await dispatcher.accept(last.id, result(0), bench.clock.now())
  })
  const marked = await kysely
    .selectFrom('hosts')
    .select(['id', 'quarantine_reason'])
    .where('id', 'in', [first.id, last.id])
    .execute()
  expect(Object.fromEntries(marked.map((host) => [host.id, host.quarantine_reason]))).toEqual({
    [first.id]: null,
    [last.id]: expect.stringMatching(/of which the restored backup does not know/),
  })
  const told = kysely.selectFrom('audit').select('target_id').where('action', '=', 'host.quarantine')
  expect((await told.where('target_id', '=', last.id).execute()).length).toBe(1)
  const events = kysely
    .selectFrom('events')
    .select('id')
    .where('type', '=', 'host.changed')
    .where('host_id', '=', last.id)
  expect((await events.where('at', '>=', restoredAt.at).execute()).length).toBeGreaterThan(0)
})

test('T32 without revocations API tokens end, and whom to look at is told by name', async () => {
  const { file } = await backups.backup(restored.database, restored.dataFolder)
  const { report, database } = await backups.restore(file, { revocations: undefined, now: bench.clock.now })
  expect(report.revoked).toBeUndefined()
  expect(report.hostsTrusted).toEqual(expect.arrayContaining(['a', 'e']))
  expect(report.hostsTrusted).not.toContain(revoked.name)
  const open = await database.kysely.selectFrom('api_tokens').select('id').where('ended_at', 'is', null).execute()
  expect(open).toEqual([])
  expect(report.epoch).toBeGreaterThan(restored.report.epoch)
})
