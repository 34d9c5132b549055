// Goal: what a feed says is kept as it was said, from when to when, whatever breaks on the way. Method: real files, folders and HTTP
// servers, read by the real thread into a real database; time is moved by the test.

import { symlinkSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import type { FeedKind } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { createGuardedFetch } from '../outgoing/guarded-fetch.ts'
import { createFeedReader } from './feed-reader.ts'
import { readFeeds } from './feeds.ts'
import { loadKnowledge } from './knowledge.ts'
import { createFeedFolder, DYAD, debianExport, type FeedFolder, KEV, OWN_FACTS, tarOf } from './test-feeds.ts'

const MINUTE = 60_000
const START = Date.parse('2026-11-20T12:00:00.000Z')
let database: TestDatabase
let folder: FeedFolder
let server: Server
let address: string
let answer: { status: number; body: string | Buffer; headers?: Record<string, string> }
let asked: Record<string, unknown>[] = []
let time = START
const warned: unknown[] = []

beforeAll(async () => {
  folder = createFeedFolder()
  database = await createTestDatabase()
  server = createServer((request, response) => {
    asked.push({ ...request.headers, url: request.url })
    const isKnown = answer.headers?.etag !== undefined && request.headers['if-none-match'] === answer.headers.etag
    if (isKnown) response.writeHead(304).end()
    else response.writeHead(answer.status, answer.headers).end(answer.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/feed.json`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await database.drop()
  folder.remove()
})
beforeEach(async () => {
  for (const table of ['cve_feeds', 'cve_statements', 'livepatch_notices'] as const) {
    await database.kysely.deleteFrom(table).execute()
  }
  folder.remove()
  folder = createFeedFolder()
  time = START
  asked = []
  warned.splice(0)
})

const now = () => new Date(time)
const readerOver = () =>
  createFeedReader({
    ...{ database: database.kysely, folder: folder.path, shipped: undefined, now },
    fetch: createGuardedFetch({ networks: ['127.0.0.0/8'], timeoutMs: 5_000 }),
    log: { warn: (...said: unknown[]) => void warned.push(said) },
  })
const add = (kind: FeedKind, location: string, name: string = kind) =>
  database.kysely
    .insertInto('cve_feeds')
    .values({
      ...{ id: crypto.randomUUID(), name, kind, location, every_minutes: 60, enabled: true, created_by_name: 'ann' },
      ...{ created_at: now(), next_at: now() },
    })
    .execute()
const feeds = () => readFeeds(database.kysely, now())
const outcomeOf = async (name: string) => (await feeds()).find((feed) => feed.name === name)?.outcome
/** So long later all that is due is read. */
const later = async (minutes: number) => {
  time += minutes * MINUTE
  const reader = readerOver()
  await reader.look()
  await reader.close()
}
const fixedIn = async (at?: Date) =>
  (await loadKnowledge(database.kysely, at)).cves.flatMap(({ id, statements }) =>
    statements.flatMap(({ statement }) =>
      statement.kind === 'vendor' ? [`${id} ${statement.product} ${statement.status} ${statement.fixedVersion}`] : [],
    ),
  )

test('a file is read on its schedule; what changed is closed and said anew, and the past stays as it was', async () => {
  folder.write('debian.json', debianExport('5.16.11-1'))
  await add('debian_tracker', 'debian.json')
  await later(0)
  expect(await outcomeOf('debian_tracker')).toMatchObject({
    ...{ result: 'read', documents: 1, cves: 1, statements: 2, added: 2, ended: 0, troubleCount: 0 },
  })
  const first = ['CVE-2022-0847 debian:11 fixed 5.10.92-2', 'CVE-2022-0847 debian:12 fixed 5.16.11-1']
  expect(await fixedIn()).toEqual(first)

  folder.write('debian.json', debianExport('5.16.12-1'))
  await later(59)
  expect(await fixedIn()).toEqual(first)
  await later(1)
  expect((await outcomeOf('debian_tracker')) ?? {}).toMatchObject({ added: 1, ended: 1 })
  expect(await fixedIn()).toEqual([first[0], 'CVE-2022-0847 debian:12 fixed 5.16.12-1'])
  expect(await fixedIn(new Date(time - 1))).toEqual(first)
  expect(await fixedIn(new Date(START - 1))).toEqual([])

  await later(60)
  expect(await outcomeOf('debian_tracker')).toMatchObject({ result: 'read', added: 0, ended: 0 })
  const { cves } = await loadKnowledge(database.kysely)
  expect(cves[0]?.statements[0]?.from).toEqual({
    ...{ feed: 'debian_tracker', kind: 'debian_tracker', document: 'debian.json', publishedOn: null },
    readAt: new Date(START).toISOString(),
  })
  expect(warned).toEqual([])
})

test('a folder is read whole; a document that breaks stops no other, and what it said before still counts', async () => {
  folder.write('cve/published/2022/CVE-2022-0847.dyad', DYAD)
  folder.write('cve/published/2024/CVE-2024-1086.dyad', '3.15:f342de4e2f33:6.8:f342de4e2f33\n')
  folder.write('cve/published/2024/CVE-2024-1086.mbox', 'From: nobody reads this')
  folder.write('.git/CVE-2024-0001.dyad', DYAD)
  await add('cve_json', 'cve')
  await later(0)
  expect(await outcomeOf('cve_json')).toMatchObject({ documents: 2, cves: 2, statements: 2, troubleCount: 0 })

  folder.write('cve/published/2024/CVE-2024-1086.dyad', 'not a pair\n')
  folder.remove('cve/published/2022')
  await later(60)
  expect(await outcomeOf('cve_json')).toMatchObject({
    ...{ result: 'failed', documents: 1, troubleCount: 1 },
    troubles: [{ document: 'published/2024/CVE-2024-1086.dyad', detail: 'Line 1 is no pair of releases.' }],
  })
  expect((await loadKnowledge(database.kysely)).cves).toHaveLength(2)

  folder.write('cve/published/2024/CVE-2024-26581.dyad', '6.5:f718863aca46:6.8:60c0c230c6f0\n')
  await later(60)
  expect(await outcomeOf('cve_json')).toMatchObject({
    ...{ result: 'read', documents: 2, added: 1, ended: 1, troubleCount: 1 },
    troubles: [{ document: 'published/2024/CVE-2024-1086.dyad', detail: 'Line 1 is no pair of releases.' }],
  })
  expect((await loadKnowledge(database.kysely)).cves.map(({ id }) => id)).toEqual(['CVE-2024-1086', 'CVE-2024-26581'])
})

test('an archive is read as a folder is; one that breaks keeps what it said', async () => {
  const whole = gzipSync(
    await tarOf([
      ['vulns-master/cve/published/2022/CVE-2022-0847.dyad', DYAD],
      ['vulns-master/cve/published/2024/CVE-2024-1086.dyad', '3.15:f342de4e2f33:6.8:f342de4e2f33\n'],
      ['vulns-master/scripts/README.md', 'not read'],
    ]),
  )
  answer = { status: 200, body: whole }
  folder.write('copies/vulns.tar.gz', whole)
  await add('cve_json', address, 'fetched')
  await add('cve_json', 'copies', 'kept')
  await later(0)
  const read = { result: 'read', documents: 2, cves: 2, statements: 2, troubleCount: 0 }
  expect(await outcomeOf('fetched')).toMatchObject(read)
  expect(await outcomeOf('kept')).toMatchObject(read)
  const { cves } = await loadKnowledge(database.kysely)
  expect(cves[0]?.statements.map(({ from }) => from.document).sort()).toEqual([
    `${address}/vulns-master/cve/published/2022/CVE-2022-0847.dyad`,
    'vulns.tar.gz/vulns-master/cve/published/2022/CVE-2022-0847.dyad',
  ])

  answer = { status: 200, body: whole.subarray(0, whole.length - 20) }
  folder.write('copies/vulns.tar.gz', whole.subarray(0, whole.length - 20))
  await later(60)
  expect(await outcomeOf('fetched')).toMatchObject({ result: 'failed' })
  expect(await outcomeOf('kept')).toMatchObject({ result: 'failed' })
  expect((await loadKnowledge(database.kysely)).cves.map(({ statements }) => statements.length)).toEqual([2, 2])
})

test('facts in our own form keep what they said while one of their files is broken', async () => {
  folder.write('own/one.jsonl', OWN_FACTS)
  folder.write('own/two.jsonl', OWN_FACTS.replaceAll('CVE-2022-0847', 'CVE-2024-1086').replace(/\n.*notice.*\n/, '\n'))
  await add('rebootless', 'own')
  await later(0)
  const known = async () => {
    const { cves, notices } = await loadKnowledge(database.kysely)
    return [...cves.map(({ id }) => id), ...notices.map(({ notice }) => notice.notice)]
  }
  const all = ['CVE-2022-0847', 'CVE-2024-1086', 'SUSE-SU-2024:0429-1']
  expect(await known()).toEqual(all)
  folder.write('own/one.jsonl', 'broken')
  await later(60)
  expect(await outcomeOf('rebootless')).toMatchObject({ result: 'read', ended: 0, troubleCount: 1 })
  expect(await known()).toEqual(all)
  folder.remove('own/one.jsonl')
  await later(60)
  expect(await known()).toEqual(['CVE-2024-1086'])
})

test('a notice of Red Hat’s is told by one document a CVE, and loses none while one of them is broken', async () => {
  const documentOf = (name: string) =>
    JSON.stringify({
      name,
      affected_release: [{ cpe: 'cpe:/o:redhat:rhel_eus:8.6', package: 'kpatch-patch', advisory: 'RHSA-2023:3351' }],
    })
  folder.write('redhat/CVE-2023-32233.json', documentOf('CVE-2023-32233'))
  folder.write('redhat/CVE-2023-1281.json', documentOf('CVE-2023-1281'))
  await add('redhat_api', 'redhat')
  await later(0)
  const fixed = async () => (await loadKnowledge(database.kysely)).notices.map(({ notice }) => notice.cves)
  expect(await fixed()).toEqual([['CVE-2023-1281', 'CVE-2023-32233']])
  folder.write('redhat/CVE-2023-32233.json', '{')
  await later(60)
  expect(await fixed()).toEqual([['CVE-2023-1281', 'CVE-2023-32233']])
  folder.remove('redhat/CVE-2023-32233.json')
  await later(60)
  expect(await fixed()).toEqual([['CVE-2023-1281']])
})

test.each([
  ['says nothing any more', () => folder.write('debian.json', '{"linux":{}}'), /says nothing any more/],
  ['is no JSON', () => folder.write('debian.json', '<html>'), /neither the tracker’s JSON nor its list/],
  ['is gone', () => folder.remove('debian.json'), /no such file/],
  ['is a bomb', () => folder.write('debian.json', gzipSync(Buffer.alloc(200 * 1024 * 1024))), /larger than 128 MiB/],
])('a file that %s fails in a sentence, and ends nothing', async (_name, spoil, sentence) => {
  folder.write('debian.json', debianExport('5.16.11-1'))
  await add('debian_tracker', 'debian.json')
  await later(0)
  spoil()
  await later(60)
  expect(await outcomeOf('debian_tracker')).toMatchObject({ result: 'failed', detail: expect.stringMatching(sentence) })
  expect(await fixedIn()).toHaveLength(2)
  expect((await feeds())[0]).toMatchObject({
    readAt: new Date(START).toISOString(),
    nextAt: new Date(time + 60 * MINUTE).toISOString(),
    reading: false,
  })
})

describe('T12 a name leads to no file but those below the folder of feeds', () => {
  test.each([
    ['up', '../secret.json'],
    ['up and down', 'a/../../secret.json'],
    ['from the root', '/etc/passwd'],
    ['by a link to a file', 'link.json'],
    ['by a link to a folder', 'links/passwd'],
  ])('%s', async (_name, location) => {
    folder.write('x/debian.json', debianExport('5.16.11-1'))
    symlinkSync('/etc/passwd', path.join(folder.path, 'link.json'))
    symlinkSync('/etc', path.join(folder.path, 'links'))
    await add('debian_tracker', location)
    await later(0)
    expect(await outcomeOf('debian_tracker')).toMatchObject({
      result: 'failed',
      detail: expect.stringMatching(/not below the folder|symbolic link|no such file/),
    })
  })

  test('nor does a link in a folder', async () => {
    folder.write('x/debian.json', debianExport('5.16.11-1'))
    folder.write('secret.json', debianExport('1.2.3-4'))
    symlinkSync(path.join(folder.path, 'secret.json'), path.join(folder.path, 'x/link.json'))
    await add('debian_tracker', 'x')
    await later(0)
    expect(await outcomeOf('debian_tracker')).toMatchObject({ result: 'read', documents: 1, statements: 2 })
  })
})

describe('an address', () => {
  test('is asked for what is new, packed or not; its query is nowhere kept', async () => {
    answer = { status: 200, body: gzipSync(debianExport('5.16.11-1')), headers: { etag: '"one"' } }
    await add('debian_tracker', `${address}?key=canary`)
    await later(0)
    expect(await outcomeOf('debian_tracker')).toMatchObject({ result: 'read', statements: 2 })
    await later(60)
    expect(await outcomeOf('debian_tracker')).toMatchObject({ result: 'unchanged', statements: 2, added: 0 })
    expect(asked.map((headers) => headers['if-none-match'])).toEqual([undefined, '"one"'])
    expect(JSON.stringify(await loadKnowledge(database.kysely))).not.toContain('canary')
    answer = { status: 200, body: debianExport('5.16.12-1'), headers: { etag: '"two"' } }
    await later(60)
    expect(await outcomeOf('debian_tracker')).toMatchObject({ result: 'read', added: 1, ended: 1 })
  })

  test('may have the day before in it, as FIRST names its files', async () => {
    folder.write('debian.json', debianExport('5.16.11-1'))
    await add('debian_tracker', 'debian.json')
    await later(0)
    answer = { status: 200, body: gzipSync('cve,epss,percentile\nCVE-2022-0847,0.81,0.99\n') }
    await add('epss', address.replace('feed.json', 'epss_scores-{yesterday}.csv.gz'))
    await later(0)
    expect(asked.map(({ url }) => url)).toEqual(['/epss_scores-2026-11-19.csv.gz'])
    const { cves } = await loadKnowledge(database.kysely)
    expect(cves[0]?.statements.at(-1)).toMatchObject({
      statement: { kind: 'epss', score: 0.81, scoredOn: '2026-11-19' },
      from: { document: expect.stringMatching(/\/epss_scores-2026-11-19\.csv\.gz$/) },
    })
  })

  test('that answers otherwise fails in a sentence, and is not asked with what it answered before', async () => {
    await add('debian_tracker', address)
    answer = { status: 503, body: 'no' }
    await later(0)
    expect(await outcomeOf('debian_tracker')).toMatchObject({ result: 'failed', detail: 'The server answered 503.' })
    answer = { status: 302, body: '', headers: { location: 'http://169.254.169.254/' } }
    await later(60)
    expect((await outcomeOf('debian_tracker'))?.detail).toMatch(/redirects elsewhere/)
    expect((await feeds())[0]?.readAt).toBeNull()
  })

  test('T12 that is not public is not called unless the setting names it', async () => {
    await add('debian_tracker', address.replace('127.0.0.1', '10.0.0.1').replace('http:', 'https:'))
    await later(0)
    expect(await outcomeOf('debian_tracker')).toMatchObject({
      result: 'failed',
      detail: expect.stringMatching(/not public/),
    })
  })
})

test('of KEV and EPSS only what is of the kernel is kept, and a score that hardly moved is not said anew', async () => {
  folder.write('debian.json', debianExport('5.16.11-1'))
  folder.write('kev.json', KEV)
  folder.write(
    'epss.csv',
    '#model_version:v2025.03.14,score_date:2026-11-19T00:00:00Z\ncve,epss,percentile\nCVE-2022-0847,0.81,0.99\n',
  )
  await add('debian_tracker', 'debian.json')
  await later(0)
  await add('kev', 'kev.json')
  await add('epss', 'epss.csv')
  await later(0)
  const said = async () =>
    (await loadKnowledge(database.kysely)).cves.flatMap(({ id, statements }) =>
      statements.flatMap(({ statement }) =>
        statement.kind === 'epss' ? [`${id} ${statement.score}`] : `${id} ${statement.kind}`,
      ),
    )
  expect(new Set(await said())).toEqual(new Set(['CVE-2022-0847 vendor', 'CVE-2022-0847 kev', 'CVE-2022-0847 0.81']))
  const scored = (score: number) =>
    folder.write(
      'epss.csv',
      `#model_version:v2025.03.14,score_date:2026-11-20T00:00:00Z\ncve,epss,percentile\nCVE-2022-0847,${score},0.99\n`,
    )
  scored(0.8102)
  await later(60)
  expect(await said()).toContain('CVE-2022-0847 0.81')
  scored(0.91)
  await later(60)
  expect(await said()).toContain('CVE-2022-0847 0.91')
})

test('a feed is read by one backend at a time, and by another once the first is dead', async () => {
  folder.write('debian.json', debianExport('5.16.11-1'))
  await add('debian_tracker', 'debian.json')
  const [one, other] = [readerOver(), readerOver()]
  await Promise.all([one.look(), other.look(), one.look()])
  expect(await fixedIn()).toHaveLength(2)
  await Promise.all([one.close(), other.close()])
  // Somebody claimed it and died.
  await database.kysely
    .updateTable('cve_feeds')
    .set({ next_at: now(), claimed_until: new Date(time + 2 * MINUTE) })
    .execute()
  folder.write('debian.json', debianExport('5.16.12-1'))
  await later(1)
  expect((await feeds())[0]?.reading).toBe(true)
  expect(await fixedIn()).toContain('CVE-2022-0847 debian:12 fixed 5.16.11-1')
  await later(1)
  expect(await fixedIn()).toContain('CVE-2022-0847 debian:12 fixed 5.16.12-1')
})

test('while a feed is read the event loop goes on', async () => {
  const cves = Object.fromEntries(
    Array.from({ length: 20_000 }, (_, n) => [
      `CVE-2026-${10_000 + n}`,
      { releases: { bookworm: { status: 'resolved', fixed_version: `6.1.${n}-1` } } },
    ]),
  )
  folder.write('debian.json', JSON.stringify({ linux: cves }))
  await add('debian_tracker', 'debian.json')
  let turns = 0
  const timer = setInterval(() => {
    turns += 1
  }, 1)
  await later(0)
  clearInterval(timer)
  expect(await outcomeOf('debian_tracker')).toMatchObject({ statements: 20_000, added: 20_000 })
  expect(turns).toBeGreaterThan(20)
})
