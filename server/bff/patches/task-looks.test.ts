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
import { sql } from 'kysely'
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
let group = 0
const stop = new AbortController()
const running: Promise<void>[] = []

/** Its observer answers what `answers` has. */
const agentAt = async (site: TestSite | undefined, hostName: string, env = 'prod') => {
  if (site === undefined) throw new Error('no such site')
  const dataDirectory = path.join(folder, `${hostName}${group}`)
  const { token } = await fleet.token({ labels: { env: `${env}${group}` } })
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

/** Hosts of this test: of one scope, or of all. */
const scopeOf = (env: string) => (env === 'all' ? `label.env:*${group}` : `label.env:${env}${group}`)
const as = (env: string) => signInAs(fleet.database.kysely, 'viewer', fleet.first.backend.clock, scopeOf(env))
const ask = async (env = 'all', body: object = {}) => {
  const cookie = await as(env)
  const answer = await fleet.first.backend.call('POST', `/api/v1/patches/${patch.id}/forecast/look`, { cookie, body })
  expect(answer.status, answer.text).toBe(202)
  return TaskLookAsked.parse(answer.json())
}
const forecast = async (env = 'all') => {
  const cookie = await as(env)
  const answer = await fleet.first.backend.call('GET', `/api/v1/patches/${patch.id}/forecast`, { cookie })
  return PatchForecast.parse(answer.json())
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'rebootless-looks-'))
  fleet = await createTestFleet(2)
  const { backend } = fleet.first
  const cookie = await signInAs(fleet.database.kysely, 'operator', backend.clock)
  const headers = { 'content-type': 'application/octet-stream' }
  const file = { cookie, headers, bytes: builtModule('6.12/lpi_plain') }
  patch = PatchUpload.parse((await backend.call('POST', '/api/v1/patches', file)).json())
})
afterAll(async () => {
  stop.abort()
  await Promise.all(running)
  await fleet.end()
  await rm(folder, { recursive: true, force: true })
})
// A host is asked once a minute: each test has its own.
beforeEach(() => {
  group += 1
})
const sleeping = { sleeping: [asleep], sleepingTotal: 1, counts: [{ ...place, tasks: 1 }] }
const rows = () => fleet.database.kysely.updateTable('host_readings')

test('T06 only hosts of the scope are asked, over a link of another backend; their answer is in the forecast', async () => {
  const web = await agentAt(fleet.sites[1], 'web')
  const db = await agentAt(fleet.sites[0], 'db', 'test')
  web.answers.next = taskLook({ id: patch.id, ...sleeping })
  db.answers.next = taskLook({ id: patch.id })
  expect(await ask('prod')).toEqual({ asked: 1, justAsked: 0, beyond: 0, older: 0, apart: 0 })
  await eventually('its answer counts', async () => (await forecast()).stalling === 1)
  expect(web.asked).toMatchObject([{ id: patch.id, functions: [place], replace: expect.any(Boolean) }])
  expect(db.asked).toEqual([])
  const found = await forecast()
  expect(found).toMatchObject({ looked: 2, tasksLookedAt: 1, functions: [{ ...place, sleeping: 1, hosts: 1 }] })
  expect(found.items[0]).toMatchObject({
    ...{ host: { name: 'web', origin: 'agent' }, willStall: true, look: { tasksRead: 312, tasksTotal: 340 } },
    sleepers: [{ pid: 7, comm: '<b>reader' }],
  })
  expect(await forecast('test')).toMatchObject({ looked: 1, tasksLookedAt: 0, stalling: 0 })
})

test('T20 no host is asked twice within a minute, whoever asks', async () => {
  const web = await agentAt(fleet.sites[1], 'web')
  const db = await agentAt(fleet.sites[0], 'db', 'test')
  expect(await ask()).toMatchObject({ asked: 2, justAsked: 0 })
  await eventually('both are asked', () => web.asked.length === 1 && db.asked.length === 1)
  expect(await ask()).toMatchObject({ asked: 0, justAsked: 2 })
  expect(await ask('test', { filter: 'name:*' })).toMatchObject({ asked: 0, justAsked: 1 })
  expect([web.asked.length, db.asked.length]).toEqual([1, 1])
})

test('what was seen for another patch, by an earlier run of the agent, or ten minutes ago does not count', async () => {
  const web = await agentAt(fleet.sites[1], 'web')
  const db = await agentAt(fleet.sites[0], 'db')
  web.answers.next = taskLook({ id: patch.id, ...sleeping })
  db.answers.next = taskLook({ id: 'f'.repeat(64), ...sleeping })
  await ask()
  await eventually('both have answered', async () => {
    const stored = await fleet.database.kysely
      .selectFrom('host_readings')
      .select(['host_id', 'epoch'])
      .where('kind', '=', 'task_look')
      .where('host_id', 'in', [web.hostId, db.hostId])
      .execute()
    return stored.length === 2
  })
  expect(await forecast()).toMatchObject({ looked: 2, stalling: 1, tasksLookedAt: 1 })
  const look = rows().where('kind', '=', 'task_look').where('host_id', '=', web.hostId)
  await look.set({ epoch: 0 }).execute()
  expect(await forecast()).toMatchObject({ stalling: 0, tasksLookedAt: 0 })
  await look.set({ epoch: 1 }).execute()
  expect(await forecast()).toMatchObject({ stalling: 1, tasksLookedAt: 1 })
  await look.set({ received_at: new Date(Date.now() - 11 * 60_000) }).execute()
  expect(await forecast()).toMatchObject({ stalling: 0, tasksLookedAt: 0 })
})

test('T21 a host whose agent is older is counted, and not asked', async () => {
  const web = await agentAt(fleet.sites[1], 'web')
  const db = await agentAt(fleet.sites[0], 'db')
  const older = sql<string>`jsonb_set(body::jsonb, '{protocol}', ${String(TASK_LOOKS_SINCE - 1)}::jsonb)::json`
  await rows().where('kind', '=', 'hello').where('host_id', '=', web.hostId).set({ body: older }).execute()
  expect(await ask()).toMatchObject({ asked: 1, older: 1 })
  await eventually('the other is asked', () => db.asked.length === 1)
  expect(web.asked).toEqual([])
})
