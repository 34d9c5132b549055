// Goal: files tell what pages tell, to whom they may, of now and of a past moment, and no name of a host becomes a formula. Method: a
// backend over rows as ingest and judge write them; its files are parsed back by the contract's schemas.
import { createHash } from 'node:crypto'
import { AuditEntry } from '@rebootless/shared/contract/audit.ts'
import { ComplianceExport, VexDocument } from '@rebootless/shared/contract/compliance-documents.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type * as z from 'zod'
import { writeExposure } from '../compliance/test-exposure.ts'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { signInAs } from '../http/test-users.ts'
import { enrolTestHost } from '../ingest/test-host.ts'
import { eventually } from '../link/link-test-bench.ts'
import { startTestBackend, type TestBackend } from '../test-backend.ts'

const FIRST = new Date('2026-10-01T00:00:00.000Z')
const FORMULA = '=HYPERLINK("https://evil.example")'
const EXPOSED = 'CVE-2026-0001'
const LIVEPATCHED = 'CVE-2026-0002'

let database: TestDatabase
let backend: TestBackend
let cookie: string
let hosts: string[]
beforeAll(async () => {
  database = await createTestDatabase()
  const write = writeExposure(database.kysely)
  const one = await write.class('one', FIRST)
  for (const id of [EXPOSED, LIVEPATCHED]) await write.cve(id, FIRST, { severity: 'high' })
  await write.verdict(one, EXPOSED, FIRST, 'exposed', { by: '6.1.5' })
  await write.verdict(one, LIVEPATCHED, FIRST, 'exposed')
  hosts = [
    await enrolTestHost(database.kysely, { name: FORMULA, labels: { env: 'prod' } }),
    await enrolTestHost(database.kysely, { name: 'web-2', labels: { env: 'test' } }),
  ]
  // Nothing was read of them, so nothing of theirs is derived anew meanwhile.
  await database.kysely.updateTable('hosts').set({ connected: false, contact: 'offline' }).execute()
  for (const [index, id] of hosts.entries()) {
    const name = index === 0 ? FORMULA : 'web-2'
    await write.host(id, one, FIRST, { name, labels: { env: index === 0 ? 'prod' : 'test' } })
  }
  backend = await startTestBackend(database)
  const judged = database.kysely.selectFrom('exposure_classes').select('judged_pass').where('id', '=', one)
  // The judge knows of no CVE here; it has its say before what it is taken to have said later.
  await eventually('judged', async () => (await judged.executeTakeFirst())?.judged_pass != null)
  for (const id of [EXPOSED, LIVEPATCHED]) await write.cve(id, new Date(), { severity: 'high' })
  await write.verdict(one, EXPOSED, new Date(), 'exposed', { by: '6.1.5' })
  await write.verdict(one, LIVEPATCHED, new Date(), 'fixed_by_livepatch', { by: 'livepatch_2' })
  cookie = await backend.signIn()
})
afterAll(async () => {
  await backend.close()
  await database.drop()
})

const file = async (path: string, who = cookie) => {
  const answer = await backend.call('GET', `/api/v1/compliance/${path}`, { cookie: who })
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, ''])
  return answer
}

test('T13 the table has a row for each host and CVE that is not safe, and no cell is a formula', async () => {
  const { text, headers } = await file('export.csv')
  expect(headers['content-disposition']).toMatch(/^attachment; filename="rebootless-compliance-[\d-]+\.csv"$/)
  const lines = text.trim().split('\r\n')
  expect(lines).toHaveLength(3)
  expect(text).toContain(`"'=HYPERLINK(""https://evil.example"")"`)
  // Read as a spreadsheet does: each cell in quotes, a doubled quote is one, and none begins as a formula does.
  const cells = lines.flatMap((line) => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)])
  const texts = cells.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '')
  expect(texts).toContain(`'${FORMULA}`)
  expect(texts.filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([])
  expect(cells).toHaveLength(3 * 19)
  expect(lines.filter((line) => line.includes(EXPOSED))).toHaveLength(2)
})

test('the document holds the sentence, every fact, and the hash of its rows', async () => {
  // Of now it is of the last judgement, as the page is, which is seconds old.
  let text = ''
  await eventually('the judgement is newer', async () => {
    text = (await file('export.json')).text
    return ComplianceExport.parse(JSON.parse(text)).rowCount === 2
  })
  const document = ComplianceExport.parse(JSON.parse(text))
  expect(document).toMatchObject({ scope: null, filter: '', rowCount: 2, counts: { hosts: 2, exposed: 2 } })
  expect(document.rules.vendor_affected).toBe(
    'The vendor says that the package is affected and names no version with a fix.',
  )
  const rows = text.slice(text.indexOf('"rows":[') + 8, text.lastIndexOf('\n]')).trim()
  const lines = rows.split(/,\n/).map((line) => `${line}\n`)
  expect(document.rowsSha256).toBe(createHash('sha256').update(lines.join('')).digest('hex'))
  expect(document.rows.map(({ host }) => host.name).sort()).toEqual([FORMULA, 'web-2'])
})

test('a past moment is told as it was recorded', async () => {
  const at = '2026-10-05T00:00:00.000Z'
  const past = ComplianceExport.parse(JSON.parse((await file(`export.json?at=${at}`)).text))
  expect([past.asOf, past.rowCount]).toEqual([at, 4])
  expect(new Set(past.rows.map(({ cve }) => cve))).toEqual(new Set([EXPOSED, LIVEPATCHED]))
})

test('OpenVEX tells what is live patched, and what to do about the rest; the same question is the same document', async () => {
  const at = new Date().toISOString()
  await new Promise((resolve) => setTimeout(resolve, 5))
  const { text } = await file(`vex.json?at=${at}`)
  const document = VexDocument.parse(JSON.parse(text))
  const of = (cve: string) => document.statements.filter(({ vulnerability }) => vulnerability.name === cve)
  expect(of(LIVEPATCHED)).toMatchObject([{ status: 'fixed' }])
  expect(of(EXPOSED)).toMatchObject([{ status: 'affected', action_statement: 'Take 6.1.5.' }])
  expect(
    of(LIVEPATCHED)[0]
      ?.products.map((product) => product['@id'])
      .sort(),
  ).toEqual(hosts.map((id) => `urn:uuid:${id}`).sort())
  expect((await file(`vex.json?at=${at}`)).text).toBe(text)
  const other = VexDocument.parse(JSON.parse((await file(`vex.json?at=${at}&status=exposed`)).text))
  expect(other['@id']).not.toBe(document['@id'])
  expect(new Set(other.statements.map(({ status }) => status))).toEqual(new Set(['affected']))
})

test('an accepted exposure is told as such until its end', async () => {
  const requester = await signInAs(database.kysely, 'operator')
  const approver = await signInAs(database.kysely, 'approver')
  const until = new Date(Date.now() + 86_400_000).toISOString()
  const body = {
    subject: { kind: 'cve', cveId: EXPOSED },
    hosts: 'name:web-2',
    owner: 'ann',
    reason: 'is shut off',
    until,
  }
  const asked = await backend.call('POST', '/api/v1/exceptions', { cookie: requester, body })
  expect([asked.status, asked.text]).toEqual([201, asked.text])
  const { id } = asked.json<{ id: string }>()
  const approved = await backend.call('POST', `/api/v1/exceptions/${id}/approve`, { cookie: approver, body: {} })
  expect([approved.status, approved.text]).toEqual([200, approved.text])
  let rows: z.infer<typeof ComplianceExport>['rows'] = []
  await eventually('the judgement is newer', async () => {
    rows = ComplianceExport.parse(JSON.parse((await file('export.json?status=accepted')).text)).rows
    return rows.length > 0
  })
  expect(rows).toMatchObject([{ host: { name: 'web-2' }, cve: EXPOSED, acceptedUntil: until }])
  // Pages of the CVE and of the host say the same.
  const read = async <T>(path: string) => (await backend.call('GET', path, { cookie })).json<T>()
  const cve = await read<{ hosts: Record<string, number> }>(`/api/v1/cves/${EXPOSED}`)
  expect([cve.hosts.accepted, cve.hosts.exposed]).toEqual([1, 1])
  const named = async (status: string) => {
    const { items } = await read<{
      items: { host: { name: string }; exposure: string; acceptedUntil: string | null }[]
    }>(`/api/v1/cves/${EXPOSED}/hosts?status=${status}`)
    return items.map(({ host, exposure, acceptedUntil }) => [host.name, exposure, acceptedUntil])
  }
  expect(await named('accepted')).toEqual([['web-2', 'accepted', until]])
  expect(await named('exposed')).toEqual([[FORMULA, 'exposed', null]])
  const host = await read<object>(`/api/v1/hosts/${hosts[1]}/exposure?status=accepted`)
  expect(host).toMatchObject({
    items: [{ cve: { id: EXPOSED }, exposure: 'accepted', acceptedUntil: until }],
    counts: { accepted: 1, exposed: 0 },
  })
})

test('T07 whoever has a scope is told of his hosts alone', async () => {
  const scoped = await signInAs(database.kysely, 'viewer', backend.clock, 'label.env:test')
  for (const path of ['export.csv', 'export.json', 'vex.json']) {
    const { text } = await file(path, scoped)
    expect([path, text.includes(hosts[0] ?? ''), text.includes(hosts[1] ?? '')]).toEqual([path, false, true])
  }
})

test('each export is an entry of the audit log, of which file and which hosts', async () => {
  await file('export.csv?filter=label.env:test&status=unknown')
  const rows = await database.kysely.selectFrom('audit').select('entry').orderBy('sequence', 'desc').limit(1).execute()
  const [entry] = rows.map(({ entry: text }) => AuditEntry.parse(JSON.parse(text)))
  const after = { format: 'csv', filter: 'label.env:test', at: null, status: 'unknown' }
  expect(entry).toMatchObject({ action: 'compliance.export', result: 'done', after })
})
