// Goal: hosts are asked who sleeps in a patch's functions by whichever backend holds their link, within the scope of whoever
// asks and no more often than is fair, and what they answer stands in the forecast. Method: two whole backends on one
// database, and the real agent's link with an observer that answers by hand.
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { PatchForecast, TaskLookAsked } from '@rebootless/shared/contract/patch-hosts.ts'
import { PatchUpload } from '@rebootless/shared/contract/patches.ts'
import type { TaskLook, TasksWanted } from '@rebootless/shared/contract/task-look.ts'
import { TASK_LOOKS_SINCE } from '@rebootless/shared/domain/agent-link.ts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createSystemClock } from '../../agent/kernel/system-clock.ts'
import { ensureEnrolled } from '../../agent/link/enrol.ts'
import { runAgent } from '../../agent/run-agent.ts'
import { createTestFleet, type TestFleet, type TestSite } from '../enrolment/test-fleet.ts'
import { signInAs } from '../http/test-users.ts'
import { taskLook } from '../ingest/test-messages.ts'
import { eventually, sampleSnapshot } from '../link/link-test-bench.ts'
import { builtModule } from './module/test-built.ts'

const clock = createSystemClock()
const place = { object: 'vmlinux', function: 'cmdline_proc_show' }
const asleep = { ...place, pid: 7, tid: 7, comm: '<b>reader', kernelThread: false, unit: null, container: null }

let fleet: TestFleet
let folder: string
let patch: PatchUpload
let web: Awaited<ReturnType<typeof agentAt>>
let db: Awaited<ReturnType<typeof agentAt>>
const stop = new AbortController()
const running: Promise<void>[] = []

/** Its observer answers what `answers` has. */
const agentAt = async (site: TestSite, hostName: string, env: string) => {
  const dataDirectory = path.join(folder, hostName)
  const { token } = await fleet.token({ labels: { env } })
  const { hostId } = await ensureEnrolled({
    ...{ server: site.server, token, dataDirectory, hostName, origin: 'agent', now: clock.now },
  })
  const asked: TasksWanted[] = []
  const answers: { next: TaskLook | null } = { next: null }
  const { release } = patch.facts
  const snapshot = sampleSnapshot({ hostName, kernel: { ...sampleSnapshot().kernel, release } })
  running.push(
    runAgent({
      observer: {
        current: async () => snapshot,
        async run(listener, signal) {
          listener.snapshot(snapshot, '0'.repeat(64))
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
        },
        async lookForTasks(wanted) {
          asked.push(wanted)
          return answers.next
        },
      },
      ...{ clock, dataDirectory, hostName, origin: 'agent', signal: stop.signal, random: () => 0 },
      log: { info: () => undefined, warn: () => undefined },
    }),
  )
  await eventually('linked and read', async () => (await hostOf(hostId)).kernelRelease === release)
  return { hostId, asked, answers }
}
const hostOf = async (id: string) => (await fleet.call('GET', `/api/v1/hosts/${id}`)).json<{ kernelRelease: string }>()

const as = (scope: string | null) => signInAs(fleet.database.kysely, 'viewer', fleet.first.backend.clock, scope)
const ask = async (scope: string | null = null, body: object = {}) => {
  const cookie = await as(scope)
  const answer = await fleet.first.backend.call('POST', `/api/v1/patches/${patch.id}/forecast/look`, { cookie, body })
  expect(answer.status, answer.text).toBe(202)
  return TaskLookAsked.parse(answer.json())
}
const forecast = async (scope: string | null = null) => {
  const cookie = await as(scope)
  const answer = await fleet.first.backend.call('GET', `/api/v1/patches/${patch.id}/forecast`, { cookie })
  return PatchForecast.parse(answer.json())
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'rebootless-looks-'))
  fleet = await createTestFleet(2)
  const [first, second] = fleet.sites
  if (first === undefined || second === undefined) throw new Error('two are needed')
  const uploaded = await first.backend.call('POST', '/api/v1/patches', {
    ...{
      cookie: await signInAs(fleet.database.kysely, 'operator', first.backend.clock),
      bytes: builtModule('6.12/lpi_plain'),
    },
    headers: { 'content-type': 'application/octet-stream' },
  })
  patch = PatchUpload.parse(uploaded.json())
  web = await agentAt(second, 'web', 'prod')
  db = await agentAt(first, 'db', 'test')
})
afterAll(async () => {
  stop.abort()
  await Promise.all(running)
  await fleet.end()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(() => {
  for (const { asked } of [web, db]) asked.length = 0
  // A minute later.
  for (const { backend } of fleet.sites) backend.clock.advance(61_000)
})

test('T06 only hosts of the scope are asked, over a link of another backend; their answer is in the forecast', async () => {
  const sleeping = { sleeping: [asleep], sleepingTotal: 1, counts: [{ ...place, tasks: 1 }] }
  web.answers.next = taskLook({ id: patch.id, ...sleeping })
  db.answers.next = taskLook({ id: patch.id })
  expect(await ask('label.env:prod')).toEqual({ asked: 1, justAsked: 0, beyond: 0, older: 0, apart: 0 })
  await eventually('its answer counts', async () => (await forecast()).stalling === 1)
  expect(web.asked).toMatchObject([{ id: patch.id, functions: [place], replace: expect.any(Boolean) }])
  expect(db.asked).toEqual([])
  const found = await forecast()
  expect(found).toMatchObject({ looked: 2, tasksLookedAt: 1, functions: [{ ...place, sleeping: 1, hosts: 1 }] })
  expect(found.items[0]).toMatchObject({
    ...{ host: { name: 'web' }, willStall: true, look: { tasksRead: 312, tasksTotal: 340 } },
    sleepers: [{ pid: 7, comm: '<b>reader' }],
  })
  expect(await forecast('label.env:test')).toMatchObject({ looked: 1, tasksLookedAt: 0, stalling: 0 })
})

test('T20 no host is asked twice within a minute, whoever asks', async () => {
  db.answers.next = null
  expect(await ask()).toMatchObject({ asked: 2, justAsked: 0 })
  await eventually('both are asked', () => web.asked.length === 1 && db.asked.length === 1)
  expect(await ask()).toMatchObject({ asked: 0, justAsked: 2 })
  expect(await ask('label.env:test', { filter: 'name:*' })).toMatchObject({ asked: 0, justAsked: 1 })
  expect([web.asked.length, db.asked.length]).toEqual([1, 1])
})

test('what was seen ten minutes ago, for another patch, or by an earlier run of the agent does not count', async () => {
  db.answers.next = taskLook({ id: 'f'.repeat(64), sleeping: [asleep], sleepingTotal: 1 })
  web.answers.next = taskLook({ id: patch.id, sleeping: [asleep], sleepingTotal: 1 })
  await ask()
  await eventually('web has answered', async () => (await forecast()).stalling === 1)
  await eventually('db has answered', async () => (await looks()).includes(db.hostId))
  expect(await forecast()).toMatchObject({ stalling: 1, tasksLookedAt: 1 })
  const { kysely } = fleet.database
  await kysely.updateTable('host_readings').set({ epoch: 0 }).where('kind', '=', 'task_look').execute()
  expect(await forecast()).toMatchObject({ stalling: 0, tasksLookedAt: 0 })
  for (const { backend } of fleet.sites) backend.clock.advance(61_000)
  await ask()
  await eventually('web has answered again', async () => (await forecast()).stalling === 1)
  fleet.first.backend.clock.advance(11 * 60_000)
  expect(await forecast()).toMatchObject({ stalling: 0, tasksLookedAt: 0 })
})
const looks = async () => {
  const rows = await fleet.database.kysely
    .selectFrom('host_readings')
    .select('host_id')
    .where('kind', '=', 'task_look')
    .execute()
  return rows.map((row) => row.host_id)
}

test('T21 a host whose agent is older is counted, and not asked', async () => {
  const { kysely } = fleet.database
  const hello = await kysely
    .selectFrom('host_readings')
    .select('body')
    .where('kind', '=', 'hello')
    .where('host_id', '=', web.hostId)
    .executeTakeFirstOrThrow()
  const body = JSON.stringify({ ...hello.body, protocol: TASK_LOOKS_SINCE - 1 })
  await kysely
    .updateTable('host_readings')
    .set({ body })
    .where('kind', '=', 'hello')
    .where('host_id', '=', web.hostId)
    .execute()
  expect(await ask()).toMatchObject({ asked: 1, older: 1 })
  await eventually('the other is asked', () => db.asked.length === 1)
  expect(web.asked).toEqual([])
})
