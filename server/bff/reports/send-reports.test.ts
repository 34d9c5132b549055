// Goal: a report is sent exactly once a period, by however many backends, whoever is killed, however long nothing ran; and its channel is
// told of its own hosts alone. Method: a real database, several pools at once, a process that is ended by SIGKILL within its transaction.
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ComplianceReport } from '@rebootless/shared/contract/channel-messages.ts'
import type { NewReport } from '@rebootless/shared/contract/reports.ts'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { SERVER } from '../access/doer.ts'
import { deleteChannel } from '../channels/channels.ts'
import { type ChannelBench, startChannelBench } from '../channels/test-channels.ts'
import { type Compliance, createCompliance } from '../compliance/service.ts'
import { writeExposure } from '../compliance/test-exposure.ts'
import { enrolTestHost } from '../ingest/test-host.ts'
import { readReport } from './report-rows.ts'
import { changeReport, createReport } from './reports.ts'
import { sendDueReports, sendNow } from './send-reports.ts'

let bench: ChannelBench
let compliance: Compliance
let nowMs = 0
const children: ChildProcess[] = []
const warned: unknown[] = []
const log = { warn: (...words: unknown[]) => void warned.push(words) }
const set = (text: string) => {
  nowMs = Date.parse(text)
}
const now = () => new Date(nowMs)
const SEEN = new Date('2026-10-01T00:00:00Z')

beforeAll(async () => {
  bench = await startChannelBench()
  const write = writeExposure(bench.kysely)
  const old = await write.class('old', SEEN)
  await write.cve('CVE-2026-1001', SEEN, { severity: 'critical', publishedOn: '2026-09-01' })
  await write.verdict(old, 'CVE-2026-1001', SEEN, 'exposed', { fixAvailableOn: '2026-09-01' })
  for (const [name, owner] of [
    ['web-1', 'web'],
    ['=cmd|data-1', 'data'],
  ] as const) {
    const id = await enrolTestHost(bench.kysely, { labels: { owner }, name, now: SEEN })
    await write.host(id, old, SEEN, { name, labels: { owner } })
  }
  compliance = createCompliance({ database: bench.kysely, clock: { now }, log })
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await compliance.close()
  await bench.end()
})
beforeEach(async () => {
  await bench.kysely.deleteFrom('reports').execute()
  await bench.kysely.deleteFrom('channels').execute()
  warned.splice(0)
  // A Thursday.
  set('2026-11-26T12:00:00Z')
})

const who = () => ({ ...SERVER, now: now(), username: 'ann' })
const mail = { from: 'reboot@example.org', to: ['ann@example.org'] }
const make = async (change: Partial<NewReport> = {}, scope: string | null = null) => {
  const place = { kind: 'smtp', address: 'smtp://127.0.0.1:1', mail, user: null, token: null, pages: null } as const
  const channel = await bench.create({ ...place, scope })
  const schedule = { kind: 'weekly', weekday: 1, hour: 8, timeZone: 'UTC' } as const
  const wanted = { name: 'Weekly', filter: '', schedule, channelId: channel.id, attachCsv: false, ...change }
  return { ...(await createReport(bench.kysely, wanted, who())), channelId: channel.id }
}
const look = () => sendDueReports({ database: bench.kysely, compliance, log }, now())
const messages = async (channelId: string) =>
  (await bench.rows(channelId)).map(({ body }) => ComplianceReport.parse(JSON.parse(body)).data)
const periods = async (channelId: string) => (await messages(channelId)).map(({ period }) => period)

test('it is sent when it is due, once, and again a week later', async () => {
  const { id, channelId, nextAt } = await make()
  expect(nextAt).toBe('2026-11-30T08:00:00.000Z')
  set('2026-11-30T07:59:59Z')
  await look()
  expect(await periods(channelId)).toEqual([])
  set('2026-11-30T08:00:10Z')
  for (let times = 0; times < 3; times += 1) await look()
  expect(await messages(channelId)).toMatchObject([
    {
      ...{ period: '2026-W49', late: null, counts: { hosts: 2, exposed: 2, overdue: 2 }, file: null },
      sentence: expect.stringContaining('exposed to 1 critical CVE'),
      path: '/compliance?at=2026-11-30T08%3A00%3A10.000Z',
    },
  ])
  expect(await readReport(bench.kysely, id)).toMatchObject({
    nextAt: '2026-12-07T08:00:00.000Z',
    last: { period: '2026-W49', lateSince: null, state: 'waiting', detail: null },
  })
  set('2026-12-07T08:00:10Z')
  await look()
  expect(await periods(channelId)).toEqual(['2026-W49', '2026-W50'])
})

test('several backends at once send it once', async () => {
  const { channelId } = await make()
  set('2026-11-30T08:00:00Z')
  await Promise.all(Array.from({ length: 8 }, look))
  expect(await periods(channelId)).toEqual(['2026-W49'])
  expect(warned).toEqual([])
})

const start = (): ChildProcess => {
  const program = fileURLToPath(new URL('test-reports-process.ts', import.meta.url))
  const env = { ...process.env, CONNECTION: JSON.stringify(bench.database.connection), NOW: now().toISOString() }
  const child = spawn(process.execPath, ['--import', 'tsx', program], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  children.push(child)
  return child
}
const kill = async (child: ChildProcess) => {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

test('killed between the message and the end of its transaction: another sends it, and after that nobody', async () => {
  const { channelId } = await make()
  set('2026-11-30T08:00:00Z')
  // What stands after the message waits for a lock that this test holds.
  const holder = new pg.Client(bench.database.connection)
  await holder.connect()
  await holder.query('select pg_advisory_lock(33)')
  await sql`create function wait_for_test() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock(33); return new; end $$`.execute(bench.kysely)
  await sql`create trigger wait_for_test before update on reports for each row execute function wait_for_test()`.execute(
    bench.kysely,
  )
  const waiting = async () => {
    const { rows } = await holder.query(`select from pg_locks where locktype = 'advisory' and objid = 33
      and not granted and database = (select oid from pg_database where datname = current_database())`)
    return rows.length
  }
  const first = start()
  await expect.poll(waiting, { timeout: 30_000 }).toBe(1)
  const second = look()
  await kill(first)
  expect(await periods(channelId)).toEqual([])
  await sql`select pg_advisory_unlock_all()`.execute(bench.kysely)
  await holder.end()
  await second
  await sql`drop trigger wait_for_test on reports`.execute(bench.kysely)
  await look()
  expect(await periods(channelId)).toEqual(['2026-W49'])

  set('2026-12-07T08:00:00Z')
  const third = start()
  await expect.poll(() => periods(channelId), { timeout: 30_000 }).toEqual(['2026-W49', '2026-W50'])
  await kill(third)
  await Promise.all([look(), look()])
  expect(await periods(channelId)).toEqual(['2026-W49', '2026-W50'])
}, 90_000)

test('what was missed is sent once, late, and says so', async () => {
  const { id, channelId } = await make()
  set('2026-12-23T10:00:00Z')
  await look()
  await look()
  expect(await messages(channelId)).toMatchObject([
    { period: '2026-W52', late: { dueAt: '2026-11-30T08:00:00.000Z', missed: 3 } },
  ])
  expect((await readReport(bench.kysely, id)).last).toMatchObject({ lateSince: '2026-11-30T08:00:00.000Z' })
  set('2026-12-28T08:00:05Z')
  await look()
  expect((await messages(channelId)).at(-1)).toMatchObject({ period: '2026-W53', late: null })
})

test('moved to a later day of a week that has its report, it is due in the next', async () => {
  const { id, channelId } = await make()
  set('2026-11-30T08:00:05Z')
  await look()
  const schedule = { kind: 'weekly', weekday: 3, hour: 8, timeZone: 'UTC' } as const
  const changed = await changeReport(bench.kysely, id, { schedule }, who())
  expect(changed.nextAt).toBe('2026-12-09T08:00:00.000Z')
  set('2026-12-02T09:00:00Z')
  await look()
  expect(await periods(channelId)).toEqual(['2026-W49'])
})

test('off it is not sent, and on again it makes up for nothing', async () => {
  const { id, channelId } = await make()
  expect((await changeReport(bench.kysely, id, { enabled: false, reason: 'holidays' }, who())).nextAt).toBeNull()
  set('2026-12-01T08:00:00Z')
  await look()
  const on = await changeReport(bench.kysely, id, { enabled: true }, who())
  await look()
  expect([on.nextAt, await periods(channelId)]).toEqual(['2026-12-07T08:00:00.000Z', []])
})

test('by hand it goes beside its schedule', async () => {
  const { id, channelId } = await make()
  const options = { database: bench.kysely, compliance }
  expect((await sendNow(options, id, who())).last).toMatchObject({ period: null, state: 'waiting' })
  set('2026-11-30T08:00:00Z')
  await look()
  expect(await periods(channelId)).toEqual([null, '2026-W49'])
})

test('a channel that is off or gone: the report says why it was not sent', async () => {
  const { id, channelId } = await make()
  await bench.kysely.updateTable('channels').set({ enabled: false }).where('id', '=', channelId).execute()
  set('2026-11-30T08:00:00Z')
  await look()
  const last = async () => (await readReport(bench.kysely, id)).last
  expect(await last()).toMatchObject({ period: '2026-W49', state: 'not sent', detail: expect.stringMatching(/is off/) })
  await expect(sendNow({ database: bench.kysely, compliance }, id, who())).rejects.toMatchObject({
    code: 'report_refused',
  })
  await deleteChannel(bench.kysely, channelId, 'no more', who())
  set('2026-12-07T08:00:00Z')
  await look()
  expect(await readReport(bench.kysely, id)).toMatchObject({
    channel: null,
    last: { period: '2026-W50', state: 'not sent', detail: expect.stringMatching(/deleted/) },
  })
})

test('T06 a channel with a scope is told of its hosts alone, in numbers, link and file', async () => {
  const { channelId } = await make({ attachCsv: true }, 'label.owner:web')
  set('2026-11-30T08:00:00Z')
  await look()
  const [message] = await messages(channelId)
  expect(message).toMatchObject({ hosts: 'label.owner:web', counts: { hosts: 1, exposed: 1 } })
  expect(message?.path).toContain('filter=label.owner%3Aweb')
  expect(message?.file?.content).toContain('web-1')
  expect(JSON.stringify(message)).not.toContain('data-1')
})

test('T13 a file holds what is open, no name is a formula in it, and what is too large is left out and said', async () => {
  const { id, channelId } = await make({ attachCsv: true })
  set('2026-11-30T08:00:00Z')
  await look()
  await sendNow({ database: bench.kysely, compliance, fileCharactersMax: 200 }, id, who())
  const [whole, cut] = await messages(channelId)
  expect(whole?.file?.name).toBe('compliance-2026-11-30.csv')
  expect(whole?.file?.content.match(/CVE-2026-1001/g)).toHaveLength(2)
  expect(whole?.file?.content).toContain("'=cmd|data-1")
  expect(cut).toMatchObject({ file: null, fileLeftOut: expect.stringMatching(/too large/) })
})

test.each([
  ['another kind than people read', { kind: 'grafana', token: 'glsa_test', address: 'http://127.0.0.1:1' }, false],
  ['a file for another kind than mail', { address: 'http://127.0.0.1:1' }, true],
] as const)('refused: %s', async (_name, place, attachCsv) => {
  const { id: channelId } = await bench.create(place)
  await expect(make({ channelId, attachCsv })).rejects.toMatchObject({ code: 'report_refused' })
})
