// Goal: a report by mail is its sentence as text and as HTML that loads nothing, the link of that moment, and the file. Method: a real SMTP
// server with real TLS, and a deliverer over a real database.
import type { LookupFunction } from 'node:net'
import { expect, test } from 'vitest'
import { startChannelBench } from '../channels/test-channels.ts'
import { certificateFor, MAIL_HOST, startMailServer } from '../channels/test-smtp.ts'
import { createCompliance } from '../compliance/service.ts'
import { writeExposure } from '../compliance/test-exposure.ts'
import { enrolTestHost } from '../ingest/test-host.ts'
import { createGuardedConnect } from '../outgoing/guarded-socket.ts'
import { createReport } from './reports.ts'
import { sendNow } from './send-reports.ts'

const lookup: LookupFunction = (_name, { all }, done) => {
  if (all === true) done(null, [{ address: '127.0.0.1', family: 4 }])
  else done(null, '127.0.0.1', 4)
}
const SEEN = new Date('2026-10-01T00:00:00Z')

test('T13 by mail: the sentence as text and as HTML that loads nothing, the link of that moment, the file', async () => {
  const certificate = await certificateFor(MAIL_HOST)
  const server = await startMailServer(certificate)
  const connect = createGuardedConnect({ networks: ['127.0.0.0/8'], lookup, timeoutMs: 1_000 })
  const bench = await startChannelBench({ ca: certificate.cert, timeoutMs: 1_000, connect })
  const write = writeExposure(bench.kysely)
  const old = await write.class('old', SEEN)
  await write.cve('CVE-2026-1001', SEEN, { severity: 'critical', publishedOn: '2026-09-01' })
  await write.verdict(old, 'CVE-2026-1001', SEEN, 'exposed', { fixAvailableOn: '2026-09-01' })
  const host = await enrolTestHost(bench.kysely, { labels: {}, name: 'web-1', now: SEEN })
  await write.host(host, old, SEEN, { name: '=web-1' })
  const { id: channelId } = await bench.create({
    ...{ kind: 'smtp', address: `smtp://${MAIL_HOST}:${server.port}`, pages: 'https://reboot.example' },
    ...{ user: null, token: null, mail: { from: 'reboot@example.org', to: ['ann@example.org'] } },
  })
  const schedule = { kind: 'weekly', weekday: 1, hour: 8, timeZone: 'Europe/Berlin' } as const
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
  expect(file).toMatch(/,"'=web-1",.*CVE-2026-1001/)
  await server.stop()
  await bench.end()
})
