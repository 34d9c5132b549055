// Goal: what fires here fires in a real Alertmanager and reaches its receiver once a group, ends there when it ends here, and nothing
// of it is lost or doubled when the backend is killed in the middle. Method: the whole program as it is started, Debian's Alertmanager,
// a way between them that is slow and loses answers; alerts that a test puts into the outbox, and those of the program's own rules.
import { randomUUID } from 'node:crypto'
import { appendDeliveries } from '@rebootless/server/bff/channels/outbox.ts'
import type { AlertChanged } from '@rebootless/shared/contract/channel-messages.ts'
import { alertChanged } from '@rebootless/shared/domain/channel-formats/test-alert.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Program, startProgram } from '../program.ts'
import { inDatabase } from '../stored-rows.ts'
import { type Alertmanager, startAlertmanager, startSlowWay } from './alertmanager.ts'

const PASSWORD = 'correct horse battery staple'
const PATIENCE = { timeout: 120_000, interval: 250 }

let alertmanager: Alertmanager
let way: Awaited<ReturnType<typeof startSlowWay>>
let program: Program
beforeAll(async () => {
  alertmanager = await startAlertmanager()
  way = await startSlowWay(alertmanager.address, 50)
  program = await startProgram({
    ...{ REBOOTLESS_ADMIN_PASSWORD: PASSWORD, OUTGOING_NETWORKS: '127.0.0.0/8' },
    ...{ REBOOTLESS_SIMULATED_HOSTS: '20' },
  })
})
afterAll(async () => {
  await program?.remove()
  way?.stop()
  await alertmanager?.stop()
})

const signIn = async () => {
  const body = JSON.stringify({ username: 'admin', password: PASSWORD })
  const headers = { origin: program.address, 'content-type': 'application/json' }
  const answer = await fetch(`${program.address}/api/v1/session`, { method: 'POST', headers, body })
  expect(answer.status).toBeLessThan(300)
  return { ...headers, cookie: answer.headers.getSetCookie()[0]?.split(';')[0] ?? '' }
}
const createChannel = async (name: string, address: string, rules: 'all' | readonly string[]): Promise<string> => {
  const events = { decisions: [], auditHeads: null, alerts: { severityAtLeast: 'info', rules } }
  const body = JSON.stringify({ kind: 'alertmanager', name, address, events, pages: program.address })
  const answer = await fetch(`${program.address}/api/v1/channels`, { method: 'POST', headers: await signIn(), body })
  const made = (await answer.json()) as { channel: { id: string } }
  expect(answer.status, JSON.stringify(made)).toBe(201)
  return made.channel.id
}
const tell = (channelId: string, messages: readonly AlertChanged[]) =>
  inDatabase(program.dataDirectory, (kysely) =>
    kysely.transaction().execute((transaction) =>
      appendDeliveries(
        transaction,
        messages.map((message) => ({ channelId, summary: message.data.title, message })),
        new Date(),
      ),
    ),
  )
const onceEach = (ids: readonly string[]) => new Map(ids.map((id) => [id, 1]))
const of = (counts: ReadonlyMap<string, number>, ids: readonly string[]) =>
  new Map([...counts].filter(([id]) => ids.includes(id)))

test('each alert fires and ends once a group, though the backend is killed in the middle and answers are lost', async () => {
  const channel = await createChannel('by a slow way', way.address, ['transition-stalled'])
  const ids = Array.from({ length: 30 }, () => randomUUID())
  const now = new Date().toISOString()
  const firing = ids.map((id) =>
    alertChanged({ id, dedupKey: `test:${id}`, path: `/alerts/${id}`, since: now, firedAt: now }, now),
  )
  way.loseAnswers(2)
  await tell(channel, firing)
  await expect.poll(() => way.passed(), PATIENCE).toBeGreaterThan(5)
  await program.kill()
  const before = way.passed()
  expect(before).toBeLessThan(ids.length)
  program = await program.restart()
  await expect.poll(() => of(alertmanager.counts('firing'), ids), PATIENCE).toEqual(onceEach(ids))
  const [first] = alertmanager.told
  expect(first).toMatchObject({
    labels: { alertname: 'Rebootless transition-stalled', severity: 'page', label_env: 'production' },
    annotations: { summary: 'Two hosts are stalled', hosts: 'web-1, web-2' },
    generatorURL: `${program.address}/alerts/${first?.id}`,
  })
  // Longer than Alertmanager keeps what has no end of its own.
  await new Promise((resolve) => setTimeout(resolve, 8_000))
  expect(of(alertmanager.counts('resolved'), ids).size).toBe(0)

  const end = new Date().toISOString()
  const resolved = firing.map(({ data }) =>
    alertChanged({ ...data, status: 'resolved', change: 'resolved', number: 2, resolvedAt: end, labels: {} }, end),
  )
  await tell(channel, resolved)
  const passed = way.passed()
  await expect.poll(() => way.passed(), PATIENCE).toBeGreaterThan(passed + 5)
  await program.kill()
  program = await program.restart()
  await expect.poll(() => of(alertmanager.counts('resolved'), ids), PATIENCE).toEqual(onceEach(ids))
  expect(of(alertmanager.counts('firing'), ids)).toEqual(onceEach(ids))
})

test('what fires is there again after Alertmanager was started anew, and is told no second time', async () => {
  const channel = await createChannel('started anew', alertmanager.address, ['kernel-oops'])
  const id = randomUUID()
  const now = new Date().toISOString()
  await tell(channel, [alertChanged({ id, dedupKey: `test:${id}`, since: now, firedAt: now }, now)])
  const there = async () => {
    const answer = await fetch(`${alertmanager.address}/api/v2/alerts`)
    const alerts = (await answer.json()) as { labels: Record<string, string> }[]
    return alerts.some(({ labels }) => labels.rebootless_alert === id)
  }
  await expect.poll(there, PATIENCE).toBe(true)
  await expect.poll(() => alertmanager.counts('firing').get(id), PATIENCE).toBe(1)
  await alertmanager.restart()
  expect(await there()).toBe(false)
  // It is said again after two minutes at the latest.
  await expect.poll(there, { timeout: 180_000, interval: 1_000 }).toBe(true)
})

test('alerts of the program’s own rules arrive, each once, and again none after it was killed', async () => {
  await createChannel('all of them', alertmanager.address, 'all')
  const open = async (): Promise<string[]> => {
    const answer = await fetch(`${program.address}/api/v1/alerts?limit=200`, { headers: await signIn() })
    expect(answer.status).toBe(200)
    const { items } = (await answer.json()) as { items: { id: string; status: string }[] }
    return items.filter(({ status }) => status === 'firing').map(({ id }) => id)
  }
  const told = () => [...alertmanager.counts('firing').keys()]
  const own = async () => {
    const ids = await open()
    return told().filter((id) => ids.includes(id)).length
  }
  await expect.poll(own, { timeout: 300_000, interval: 1_000 }).toBeGreaterThan(0)
  await program.kill()
  program = await program.restart()
  const ids = await open()
  await new Promise((resolve) => setTimeout(resolve, 10_000))
  const counts = of(alertmanager.counts('firing'), ids)
  expect([...counts.values()].every((count) => count === 1)).toBe(true)
})
