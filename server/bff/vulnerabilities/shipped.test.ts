// Goal: the facts that ship are whole, are what their page says, and count from the first start on. Method: the very file, by the schema
// of its lines, and read by the real thread into a real database.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { SHIPPED_FACTS_DAY } from '@rebootless/shared/domain/exposure/shipped-facts.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { createGuardedFetch } from '../outgoing/guarded-fetch.ts'
import { createFeedReader } from './feed-reader.ts'
import { readDocument } from './feeds/read-document.ts'
import { readFeeds } from './feeds.ts'
import { loadKnowledge } from './knowledge.ts'
import { offerShippedFeed, SHIPPED_NAME } from './shipped-feed.ts'

const shipped = path.join(import.meta.dirname, 'shipped', 'facts.jsonl.gz')
let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

test('each line fits the contract: 425 CVEs, 312 rejected ids, 1,981 notices', () => {
  const { statements, notices, troubles } = readDocument('rebootless', readFileSync(shipped), 'facts.jsonl.gz')
  expect(troubles).toEqual([])
  const isRejected = ({ statement }: (typeof statements)[number]) => statement.kind === 'record' && statement.rejected
  const rejected = new Set(statements.filter(isRejected).map(({ cve }) => cve))
  const known = new Set(statements.filter((one) => !isRejected(one)).map(({ cve }) => cve))
  expect([known.size, rejected.size, notices.length]).toEqual([425, 312, 1981])
  expect([...known].filter((cve) => rejected.has(cve))).toEqual([])
  expect(new Set(notices.map(({ notice }) => notice.notice)).size).toBe(1981)
  const counts: Record<string, number> = {}
  for (const { notice } of notices) counts[notice.system] = (counts[notice.system] ?? 0) + 1
  expect(counts).toEqual({ kgraft: 812, klp: 917, kpatch: 244, canonical: 7, amazon: 1 })
  const page = readFileSync(path.join(path.dirname(shipped), 'README.md'), 'utf8')
  const sources = [...page.matchAll(/^\| ([^|]+) \| [^|]*\d{4}/gm)].map(([, source = '']) => source)
  expect(sources).toHaveLength(10)
  const isNamed = ({ document = '' }) => sources.some((source) => document.startsWith(source))
  expect([...statements, ...notices].filter((fact) => !isNamed(fact))).toEqual([])
})

test('the day that pages give them is that of the file', () => {
  const [head = ''] = gunzipSync(readFileSync(shipped)).toString('utf8').split('\n', 1)
  expect(JSON.parse(head)).toMatchObject({ asOf: SHIPPED_FACTS_DAY })
})

test('Dirty Pipe and the livepatch of SLE 15 SP4 that fixes CVE-2023-6932 are as their sources have them', () => {
  const { statements, notices } = readDocument('rebootless', readFileSync(shipped), 'facts.jsonl.gz')
  const said = statements.filter(({ cve }) => cve === 'CVE-2022-0847').map(({ statement }) => statement)
  expect(said.find(({ kind }) => kind === 'kev')).toEqual({
    kind: 'kev',
    addedOn: '2022-04-25',
    dueOn: '2022-05-16',
    ransomware: false,
  })
  expect(said).toContainEqual(
    expect.objectContaining({ product: 'debian:11', status: 'fixed', fixedVersion: '5.10.92-2' }),
  )
  expect(said.find((one) => one.kind === 'upstream_pairs')).toMatchObject({
    pairs: expect.arrayContaining([expect.objectContaining({ fixed: '5.10.102' })]),
  })
  expect(notices.find(({ notice }) => notice.notice === 'SUSE-SU-2024:0429-1')?.notice).toMatchObject({
    ...{ system: 'klp', kernels: ['5.14.21-150400.24.100-default'], cves: ['CVE-2023-6932'] },
  })
})

test('they are read at the first start, once, and again when this program ships others', async () => {
  const now = new Date('2026-11-20T12:00:00.000Z')
  const look = async (file: string) => {
    await offerShippedFeed(database.kysely, file, now)
    const fetch = createGuardedFetch({ networks: [] })
    const reader = createFeedReader({
      ...{ database: database.kysely, fetch, folder: undefined, shipped: file, now: () => now },
      log: { warn: () => undefined },
    })
    await reader.look()
    await reader.close()
    return (await readFeeds(database.kysely, now))[0]
  }
  expect(await look(shipped)).toMatchObject({
    ...{ name: SHIPPED_NAME, location: null, nextAt: null },
    outcome: { result: 'read', documents: 1, cves: 737, notices: 1981, troubleCount: 0 },
  })
  const { cves, notices } = await loadKnowledge(database.kysely)
  expect([cves.length, notices.length]).toEqual([737, 1981])
  expect(cves.find(({ id }) => id === 'CVE-2022-0847')?.statements[0]?.from).toMatchObject({
    ...{ feed: SHIPPED_NAME, kind: 'rebootless', document: expect.stringMatching(/CVE-2022-0847/) },
  })
  const before = await readFeeds(database.kysely, now)
  await look(shipped)
  expect(await readFeeds(database.kysely, now)).toEqual(before)
})
