// Goal: admins of the whole fleet alone make reports, each of their acts is in the log, and a mail carries what it was to. Method: HTTP to
// a backend over a real database, whose clock is moved; and a real SMTP server with real TLS.

import type { LookupFunction } from 'node:net'
import type { Channel } from '@rebootless/shared/contract/channels.ts'
import type { Report, ReportList } from '@rebootless/shared/contract/reports.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ChannelBench, startChannelBench } from '../channels/test-channels.ts'
import { certificateFor, MAIL_HOST, type MailServer, startMailServer } from '../channels/test-smtp.ts'
import { createCompliance } from '../compliance/service.ts'
import { writeExposure } from '../compliance/test-exposure.ts'
import { signInAs } from '../http/test-users.ts'
import { enrolTestHost } from '../ingest/test-host.ts'
import { createGuardedConnect } from '../outgoing/guarded-socket.ts'
import { startTestBackend, type TestBackend } from '../test-backend.ts'
import { createReport } from './reports.ts'
import { sendNow } from './send-reports.ts'

const lookup: LookupFunction = (_name, { all }, done) => {
  if (all === true) done(null, [{ address: '127.0.0.1', family: 4 }])
  else done(null, '127.0.0.1', 4)
}
const schedule = { kind: 'weekly', weekday: 1, hour: 8, timeZone: 'Europe/Berlin' } as const
const SEEN = new Date('2026-10-01T00:00:00Z')

let bench: ChannelBench
let backend: TestBackend
let server: MailServer
let admin: string
beforeAll(async () => {
  const certificate = await certificateFor(MAIL_HOST)
  server = await startMailServer(certificate)
  const connect = createGuardedConnect({ networks: ['127.0.0.0/8'], lookup, timeoutMs: 1_000 })
  bench = await startChannelBench({ ca: certificate.cert, timeoutMs: 1_000, connect })
  backend = await startTestBackend(bench.database)
  admin = await signInAs(bench.kysely, 'admin')
  const write = writeExposure(bench.kysely)
  const old = await write.class('old', SEEN)
  await write.cve('CVE-2026-1001', SEEN, { severity: 'critical', publishedOn: '2026-09-01' })
  await write.verdict(old, 'CVE-2026-1001', SEEN, 'exposed', { fixAvailableOn: '2026-09-01' })
  const id = await enrolTestHost(bench.kysely, { labels: {}, name: 'web-1', now: SEEN })
  await write.host(id, old, SEEN, { name: '=web-1' })
})
afterAll(async () => {
  await backend.close()
  await server.stop()
  await bench.end()
})

const call = (method: string, path: string, body?: object, cookie = admin) =>
  backend.call(method, `/api/v1/${path}`, { cookie, ...(body === undefined ? {} : { body }) })
const mailChannel = (port: number) =>
  bench.create({
    ...{
      kind: 'smtp',
      address: `smtp://${MAIL_HOST}:${port}`,
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
  const { id: channelId } = await mailChannel(1)
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
  const { id: channelId } = await mailChannel(1)
  const body = { name: 'Weekly', filter: '', schedule, channelId, attachCsv: false, ...wrong }
  expect((await call('POST', 'reports', body)).status).toBe(status)
})

test('T06 somebody who sees some hosts only, or only operates, neither sees reports nor makes one', async () => {
  const scoped = await signInAs(bench.kysely, 'admin', undefined, 'label.env:staging')
  const { id: channelId } = await mailChannel(1)
  const body = { name: 'Weekly', filter: '', schedule, channelId, attachCsv: false }
  for (const cookie of [scoped, await signInAs(bench.kysely, 'operator')]) {
    expect((await call('POST', 'reports', body, cookie)).status).toBe(403)
    expect((await call('GET', 'reports', undefined, cookie)).status).toBe(403)
  }
})

test('T13 by mail: the sentence as text and as HTML that loads nothing, the link of that moment, the file', async () => {
  const { id: channelId }: Channel = await mailChannel(server.port)
  const wanted = { name: 'Weekly', filter: '', schedule, channelId, attachCsv: true }
  const compliance = createCompliance({ database: bench.kysely, clock: bench, log: { warn: () => undefined } })
  const report = await createReport(bench.kysely, wanted, bench.who())
  await sendNow({ database: bench.kysely, compliance }, report.id, bench.who())
  await bench.delivererOver().look()
  await compliance.close()
  expect((await bench.rows(channelId)).map(({ state }) => state)).toEqual(['delivered'])
  const mail = server.mails.at(-1)
  // Lines of quoted-printable are put together again; base64 is read below.
  const text = (mail?.text ?? '').replace(/=\r\n/g, '').replace(/=3D/g, '=')
  expect(mail?.to).toEqual(['ann@example.org'])
  expect(text).toMatch(/^Subject: Weekly\r$/m)
  expect(text.match(/1 exposed to 1 critical CVE/g)).toHaveLength(2)
  expect(text).toContain('https://reboot.example/compliance?at=2026-11-26T12%3A00%3A00.000Z')
  expect(text).not.toMatch(/<img|<link|<script|src=|url\(/i)
  expect(text).toMatch(/Content-Type: text\/csv; charset=utf-8; name=compliance-2026-11-26\.csv/)
  expect(text).toMatch(/Content-Disposition: attachment; filename=compliance-2026-11-26\.csv/)
  const [, base64 = ''] =
    /Content-Disposition: attachment[\s\S]*?\r\n\r\n([A-Za-z0-9+/=\r\n]+?)\r\n--/.exec(mail?.text ?? '') ?? []
  const file = Buffer.from(base64, 'base64').toString('utf8')
  expect(file.split('\n')[0]).toContain('cve')
  expect(file).toMatch(/,'=web-1,.*CVE-2026-1001/)
})
