// Goal: the log is one chain whoever writes, what is not written did not happen, and a falsified log is found by head and
// by export. Method: real backends over one database, which is falsified by its superuser.
import { createHash } from 'node:crypto'
import type { AuditEntry } from '@rebootless/shared/contract/audit.ts'
import { AuditExportLine, AuditHeads, AuditList } from '@rebootless/shared/contract/audit-api.ts'
import { createChainCheck } from '@rebootless/shared/domain/audit-verify.ts'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { DatabaseSchema } from '../database/schema.ts'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { signInAs } from '../http/test-users.ts'
import { startTestBackend, type TestBackend } from '../test-backend.ts'
import { appendAudit } from './append-audit.ts'
import { createHeadSigner } from './head-signer.ts'
import { selectLinks } from './queries.ts'
import { tamperWith } from './test-tampering.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

const entry = (n: number, change: Partial<AuditEntry> = {}): AuditEntry => ({
  at: new Date(Date.UTC(2026, 10, 1) + n * 1000).toISOString(),
  actor: { kind: 'user', id: 'u1', name: 'ann', address: '192.0.2.7' },
  action: 'user.create',
  target: { kind: 'user', id: `t${n}`, name: `Target ${n}` },
  reason: null,
  result: 'done',
  problem: null,
  before: null,
  after: { n },
  requestId: null,
  ...change,
})

let database: TestDatabase
beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(() => database.drop())

const append = (kysely: Kysely<DatabaseSchema>, ...entries: AuditEntry[]) =>
  kysely.transaction().execute((transaction) => appendAudit(transaction, ...entries))

const tamper = (statement: string) => tamperWith(database.connection, (run) => run(statement))

const checked = async (heads: { sequence: number; hash: string }[] = []) => {
  const check = createChainCheck(sha256, heads)
  for (let from = 1; ; ) {
    const links = await selectLinks(database.kysely, from, 500)
    const last = links.at(-1)
    if (last === undefined) break
    await check.take(links)
    from = last.sequence + 1
  }
  check.end()
  return { count: check.count, faults: check.faults.map(({ kind, sequence }) => `${kind} ${sequence}`) }
}

describe('T30 one chain', () => {
  test('T30 two backends write 10,000 entries at once: one chain, with a hash as this program computes it', async () => {
    const pool = new pg.Pool({ ...database.connection, max: 6 })
    const other = new Kysely<DatabaseSchema>({ dialect: new PostgresDialect({ pool }) })
    const writers = [database.kysely, database.kysely, other, other].map(async (kysely, writer) => {
      // Acts of different size, as in life.
      for (let n = 0; n < 2500; ) {
        const some = Math.min(2500 - n, 1 + (n % 90))
        await append(kysely, ...Array.from({ length: some }, (_, index) => entry(writer * 2500 + n + index)))
        n += some
      }
    })
    await Promise.all(writers).finally(() => other.destroy())
    expect(await checked()).toEqual({ count: 10_000, faults: [] })
  })

  test('T30 an entry that cannot be written undoes what it tells of', async () => {
    await sql`create function full_disk() returns trigger language plpgsql as
      $$ begin raise exception 'disk full' using errcode = '53100'; end $$`.execute(database.kysely)
    await sql`create trigger full_disk before insert on audit for each row execute function full_disk()`.execute(
      database.kysely,
    )
    const act = database.kysely.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('sign_in_attempts')
        .values({ key: 'x', window_started_at: new Date(), attempts: 1 })
        .execute()
      await appendAudit(transaction, entry(1))
    })
    await expect(act).rejects.toThrow('disk full')
    expect(await database.kysely.selectFrom('sign_in_attempts').selectAll().execute()).toEqual([])
  })

  test('T04 hostile text is kept, and its entry verifies', async () => {
    const name = 'a\0b\ud800\u202e<script>"\\\n'
    await append(database.kysely, entry(1, { actor: { ...entry(1).actor, name }, reason: name }))
    expect(await checked()).toEqual({ count: 1, faults: [] })
  })

  test.each(['update audit set reason = reason', 'delete from audit', 'truncate audit', 'delete from audit_heads'])(
    'T30 %s is refused, whoever asks',
    async (statement) => {
      await append(database.kysely, entry(1))
      const words = statement.replace('reason = reason', "entry = ''")
      await expect(sql.raw(words).execute(database.kysely)).rejects.toThrow(/append-only/)
      expect((await checked()).count).toBe(1)
    },
  )

  test('T30 whoever inserts cannot choose place, link or hash', async () => {
    await append(database.kysely, entry(1))
    await sql`insert into audit (sequence, at, action, actor_name, result, entry, previous_hash, hash)
      values (77, now(), 'a.b', '', 'done', '{}', 'x', 'y')`.execute(database.kysely)
    expect(await checked()).toEqual({ count: 2, faults: [] })
  })
})

describe('T30 signed heads', () => {
  const signerOf = (kept: { sequence: number; hash: string } | undefined = undefined) => {
    const complaints: string[] = []
    let place = kept
    const signer = createHeadSigner({
      database: database.kysely,
      clock: { now: () => new Date() },
      log: { error: (fields: unknown) => complaints.push((fields as { detail: string }).detail) },
      sign: (type, payload) => ({ type, payload, signatures: [{ publicKey: 'k', signature: sha256(payload) }] }),
      kept: {
        path: '/data/audit-head.json',
        read: async () => place,
        write: async (next) => {
          place = next
        },
      },
    })
    return { signer, complaints, kept: () => place }
  }
  const heads = async () =>
    (await database.kysely.selectFrom('audit_heads').select('sequence').orderBy('sequence').execute()).map((row) =>
      Number(row.sequence),
    )

  test('a head is signed when there is something new, and by one backend alone', async () => {
    const [one, two] = [signerOf(), signerOf()]
    await one.signer.sign()
    expect(await heads()).toEqual([])
    await append(database.kysely, entry(1), entry(2))
    await Promise.all([one.signer.sign(), two.signer.sign()])
    await one.signer.sign()
    expect(await heads()).toEqual([2])
    await append(database.kysely, entry(3))
    await two.signer.sign()
    expect(await heads()).toEqual([2, 3])
    expect([one.signer.broken(), two.signer.broken()]).toEqual([null, null])
  })

  test.each([
    [
      'a text changed since the last head',
      "update audit set entry = '{}' where sequence = 4",
      /Entry 4 is not the one/,
    ],
    ['an entry removed since the last head', 'delete from audit where sequence = 4', /Entry 4: removed/],
    [
      'the entry of the last head changed',
      "update audit set hash = repeat('a', 64) where sequence = 3",
      /Entry 3 .* anew/,
    ],
    ['the end cut off', 'delete from audit where sequence >= 3', /ends at entry 2, and was signed at 3/],
    [
      'the end cut off with its heads',
      'delete from audit where sequence >= 3; delete from audit_heads',
      /ends at entry 2/,
    ],
  ])('%s: no further head is signed, and it is said once', async (_, statement, said) => {
    const { signer, complaints, kept } = signerOf()
    await append(database.kysely, entry(1), entry(2), entry(3))
    await signer.sign()
    await append(database.kysely, entry(4), entry(5))
    await tamper(statement)
    const before = await heads()
    await signer.sign()
    await signer.sign()
    expect(signer.broken()).toMatch(said)
    expect(complaints).toEqual([signer.broken()])
    expect(await heads()).toEqual(before)
    // The next start finds it too, by what is kept outside the database.
    const next = signerOf(kept())
    await next.signer.sign()
    expect(next.signer.broken()).toMatch(said)
  })
})

describe('the pages of the log', () => {
  let backend: TestBackend
  let cookie: string
  beforeEach(async () => {
    backend = await startTestBackend(database)
    cookie = await signInAs(database.kysely, 'approver')
    await tamper('truncate audit')
  })
  afterEach(() => backend.close())
  const get = async (query: string) => {
    const answer = await backend.call('GET', `/api/v1/audit${query}`, { cookie })
    expect(answer.status, answer.text).toBe(200)
    return answer
  }
  const found = async (query: string) =>
    AuditList.parse((await get(query)).json()).items.map(({ entry: { target } }) => target?.id)

  test('newest first, by words that must all hold, in pages', async () => {
    await append(
      database.kysely,
      entry(1),
      entry(2, { action: 'user.change', reason: 'left the 100% team_' }),
      entry(3, { action: 'session.start', result: 'refused', problem: 'sign_in_refused' }),
      entry(4, { actor: { kind: 'token', id: 'x', name: 'Bob: ci', address: null } }),
    )
    expect(await found('')).toEqual(['t4', 't3', 't2', 't1'])
    expect(await found('?action=user')).toEqual(['t4', 't2', 't1'])
    expect(await found('?action=user.change')).toEqual(['t2'])
    expect(await found('?actor=bob')).toEqual(['t4'])
    expect(await found('?actor=bob&action=session')).toEqual([])
    expect(await found('?target=t2')).toEqual(['t2'])
    expect(await found('?target=target%203')).toEqual(['t3'])
    expect(await found('?result=refused')).toEqual(['t3'])
    expect(await found(`?search=${encodeURIComponent('100% TEAM_')}`)).toEqual(['t2'])
    expect(await found('?search=%25')).toEqual(['t2'])
    expect(await found('?from=2026-11-01T00:00:02.000Z&to=2026-11-01T00:00:04.000Z')).toEqual(['t3', 't2'])
    const first = AuditList.parse((await get('?limit=3')).json())
    expect(first.items.map(({ sequence }) => sequence)).toEqual([4, 3, 2])
    expect(await found(`?limit=3&cursor=${first.nextCursor}`)).toEqual(['t1'])
    expect(AuditList.parse((await get('?limit=4')).json()).nextCursor).toBeNull()
  })

  test('T30 an export holds every exact entry and head, and a whole file says so', async () => {
    await append(database.kysely, ...Array.from({ length: 1203 }, (_, n) => entry(n)))
    const answer = await get('/export')
    expect(answer.headers['content-disposition']).toMatch(/^attachment; filename="rebootless-audit-[\d-]+\.ndjson"$/)
    const lines = answer.text
      .trimEnd()
      .split('\n')
      .map((line) => AuditExportLine.parse(JSON.parse(line)))
    const check = createChainCheck(sha256, [])
    await check.take(lines.flatMap((line) => (line.kind === 'entry' ? [line] : [])))
    // The last is that of the export itself.
    expect([check.count, check.faults]).toEqual([1204, []])
    expect(lines.at(0)).toMatchObject({ kind: 'start' })
    expect(lines.at(-1)).toMatchObject({ kind: 'end', entries: 1204 })
  })

  test('T13 the table begins no cell as a formula does', async () => {
    await append(database.kysely, entry(1, { reason: '=cmd|"/c calc"!A1' }))
    const { text } = await get('/export.csv')
    expect(text.split('\r\n')).toHaveLength(4)
    expect(text).toContain(`"'=cmd|""/c calc""!A1"`)
  })

  test('heads say how far the log goes, and that a superuser could alter it', async () => {
    await append(database.kysely, entry(1), entry(2))
    expect(AuditHeads.parse((await get('/heads')).json())).toMatchObject({ last: 2, broken: null, roleOwnsLog: true })
  })

  test('an entry whose text was made unreadable is still shown as one', async () => {
    await append(database.kysely, entry(1))
    await tamper("update audit set entry = 'x'")
    expect(AuditList.parse((await get('')).json()).items[0]?.entry.action).toBe('audit.unreadable')
  })
})
