// Goal: admins of the whole fleet alone make reports, and each of their acts is in the log. Method: HTTP to a backend over a real
// database.

import type { Report, ReportList } from '@rebootless/shared/contract/reports.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ChannelBench, startChannelBench } from '../channels/test-channels.ts'
import { signInAs } from '../http/test-users.ts'
import { startTestBackend, type TestBackend } from '../test-backend.ts'

const schedule = { kind: 'weekly', weekday: 1, hour: 8, timeZone: 'Europe/Berlin' } as const

let bench: ChannelBench
let backend: TestBackend
let admin: string
beforeAll(async () => {
  bench = await startChannelBench()
  backend = await startTestBackend(bench.database)
  admin = await signInAs(bench.kysely, 'admin')
})
afterAll(async () => {
  await backend.close()
  await bench.end()
})

const call = (method: string, path: string, body?: object, cookie = admin) =>
  backend.call(method, `/api/v1/${path}`, { cookie, ...(body === undefined ? {} : { body }) })
const mailChannel = () =>
  bench.create({
    ...{
      kind: 'smtp',
      address: 'smtp://127.0.0.1:1',
      pages: 'https://reboot.example',
      user: null,
      token: null,
    },
    mail: { from: 'reboot@example.org', to: ['ann@example.org'] },
  })
const entries = async () =>
  (await bench.kysely.selectFrom('audit').select('entry').orderBy('sequence').execute()).map(
    ({ entry }) => JSON.parse(entry) as { action: string; reason: string | null; target: { name: string } },
  )

test('made, changed, turned off, sent and deleted, each with its entry; shown with what became of it', async () => {
  const { id: channelId } = await mailChannel()
  const body = { name: 'Weekly', filter: 'label.env:production', schedule, channelId, attachCsv: true }
  const made = await call('POST', 'reports', body)
  expect(made.status).toBe(201)
  const { id, nextAt, last } = made.json<Report>()
  expect([Date.parse(nextAt ?? '') > backend.clock.now().getTime(), last]).toEqual([true, null])
  const change = (one: object) => call('PATCH', `reports/${id}`, one)
  expect((await change({ name: 'Of the week', filter: '' })).json()).toMatchObject({ name: 'Of the week', filter: '' })
  expect((await change({ enabled: false })).status).toBe(400)
  expect((await change({ enabled: false, reason: 'holidays' })).json()).toMatchObject({ enabled: false, nextAt: null })
  expect((await change({ enabled: true })).json()).toMatchObject({ enabled: true, nextAt })
  expect((await call('POST', `reports/${id}/send`)).json()).toMatchObject({ last: { period: null } })
  const { items } = (await call('GET', 'reports')).json<ReportList>()
  expect(items).toMatchObject([{ id, channel: { id: channelId, kind: 'smtp', enabled: true } }])
  expect((await call('DELETE', `reports/${id}`, {})).status).toBe(400)
  expect((await call('DELETE', `reports/${id}`, { reason: 'no longer read' })).status).toBe(204)
  expect((await call('POST', `reports/${id}/send`)).json()).toMatchObject({ type: '/problems/report_not_found' })
  const done = (await entries()).filter(({ action }) => action.startsWith('report.'))
  expect(done.map(({ action, reason, target }) => [action, reason, target.name])).toEqual([
    ['report.create', null, 'Weekly'],
    ['report.change', null, 'Of the week'],
    ['report.turn_off', 'holidays', 'Of the week'],
    ['report.turn_on', null, 'Of the week'],
    ['report.send', null, 'Of the week'],
    ['report.delete', 'no longer read', 'Of the week'],
  ])
})

test.each([
  ['an hour that is none', { schedule: { ...schedule, hour: 24 } }, 400],
  ['a place that is none', { schedule: { ...schedule, timeZone: 'Europe/Nowhere' } }, 400],
  ['words of which the past cannot be told', { filter: 'state:stalled' }, 400],
  ['a channel that is not there', { channelId: '00000000-0000-4000-8000-000000000000' }, 404],
])('refused: %s', async (_name, wrong, status) => {
  const { id: channelId } = await mailChannel()
  const body = { name: 'Weekly', filter: '', schedule, channelId, attachCsv: false, ...wrong }
  expect((await call('POST', 'reports', body)).status).toBe(status)
})

test('T06 somebody who sees some hosts only, or only operates, neither sees reports nor makes one', async () => {
  const scoped = await signInAs(bench.kysely, 'admin', undefined, 'label.env:staging')
  const { id: channelId } = await mailChannel()
  const body = { name: 'Weekly', filter: '', schedule, channelId, attachCsv: false }
  for (const cookie of [scoped, await signInAs(bench.kysely, 'operator')]) {
    expect((await call('POST', 'reports', body, cookie)).status).toBe(403)
    expect((await call('GET', 'reports', undefined, cookie)).status).toBe(403)
  }
})
