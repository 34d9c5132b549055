/**
 * `npm run bench -- exposure`: what exposure costs over 10,000 hosts and 1,000 CVEs in 400 classes, in the built program: judging all of
 * it, what that does to a page of hosts meanwhile, and the pages of CVEs, of compliance and of reboots. Numbers behind choose others: hosts,
 * CVEs, classes. Hosts are rows that this run makes around the versions that the shipped facts name; no agent runs.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import type { DatabaseSchema } from '../bff/database/schema.ts'
import { enrolTestHost } from '../bff/ingest/test-host.ts'
import { loadKnowledge } from '../bff/vulnerabilities/knowledge.ts'
import { startBareLimit } from './bare-limit.ts'
import { judgeAll, makeClasses, shippedCves } from './exposure-rows.ts'
import { startProgramUnderTest } from './program-under-test.ts'
import { startReport } from './report/bench-report.ts'

const [hostCount = 10_000, cveCount = 1_000, classCount = 400] = process.argv.slice(2).map(Number)
const ASKED = 60
const QUIET_MS = 15_000
/** Quiet and judging by turns, so that what the machine does besides falls on both. */
const ROUNDS = 8
const ANALYSED_MS_MAX = 120_000
const SLOWED_MAX = 1.1
const PAUSE_MS = 100
const BACKGROUND_S_MAX = 60
const PAGE_MS_MAX = 150

const report = startReport('exposure')
const program = await startProgramUnderTest(0)
const bare = await startBareLimit()
const pool = new pg.Pool({ connectionString: await program.databaseUrl() })
const database = new Kysely<DatabaseSchema>({ dialect: new PostgresDialect({ pool }) })

/** Those that ship are there once they are read; the others say of other ids what some of them say. */
const makeCves = async (): Promise<void> => {
  const shipped = await shippedCves(database)
  for (let missing = cveCount - shipped, year = 2090; missing > 0; missing -= shipped, year += 1) {
    await sql`
      insert into cve_statements
        (feed_id, feed_name, feed_kind, cve_id, kind, hash, body, document, published_on, from_at)
      select feed_id, feed_name, feed_kind, ${`CVE-${year}-`} || (1000 + place), kind, hash, body, document, published_on,
        from_at
      from cve_statements join (
        select cve_id, row_number() over (order by cve_id) as place from cve_statements
        where feed_kind = 'rebootless' and cve_id < 'CVE-2090' group by cve_id
      ) as known using (cve_id)
      where place <= ${missing} and to_at is null`.execute(database)
  }
}

const makeHosts = async (classes: readonly string[]): Promise<void> => {
  const model = await enrolTestHost(database, { name: 'model', labels: { env: 'prod' } })
  await sql`
    insert into hosts select (jsonb_populate_record(model, jsonb_build_object(
      'id', gen_random_uuid(), 'name', 'host-' || lpad(n::text, 5, '0'), 'name_sort', 'host-' || lpad(n::text, 5, '0'),
      'labels', jsonb_build_object('env', case n % 3 when 0 then 'prod' else 'staging' end, 'owner', 'team-' || n % 20),
      'exposure_class', (${classes}::text[])[1 + n % ${classes.length}], 'exposure_print', 'bench', 'read_at', now()
    ))).* from hosts as model, generate_series(1, ${hostCount}) as n where model.id = ${model}`.execute(database)
  await sql`delete from hosts where id = ${model}`.execute(database)
  await sql`
    insert into host_exposure (host_id, from_at, class_id, host_name, origin, labels, doubts, read_at)
    select id, now() - interval '1 hour', exposure_class, name, origin, labels, '[]', read_at from hosts
    where exposure_print = 'bench'`.execute(database)
  await sql`
    insert into host_reboot_debts (host_id, boot_id, booted_at, needs, can_wait, reasons, coverage_until, offered_cves)
    select id, 'boot', now(), case when n % 5 = 0 then '{newer_kernel}'::text[] else '{}' end,
      case when n % 7 = 0 then '{module_pinned}'::text[] else '{}' end,
      case when n % 5 = 0 then '[{"reason":"newer_kernel","answer":"yes","since":"2026-11-01T00:00:00.000Z","sinceIs":"seen","why":"Why."}]'
        else '[]' end::json, case when n % 3 = 0 then (current_date + n % 90)::text end, '{}'
    from (select id, row_number() over (order by id)::int as n from hosts where exposure_print = 'bench') as host`.execute(
    database,
  )
  await sql`
    insert into reboot_plans (id, host_id, host_name, planned_on, owner, reason, set_by_name, set_at)
    select gen_random_uuid(), host_id, '', (current_date - 9 + abs(hashtext(host_id::text)) % 60)::text, 'team', 'bench', 'ann', now()
    from host_reboot_debts where abs(hashtext(host_id::text)) % 4 = 0`.execute(database)
  await analysed(['hosts', 'host_exposure', 'host_reboot_debts', 'reboot_plans'])
}

/** Waits until the database has read its new tables by itself, as it does in every fleet. */
const analysed = async (tables: readonly string[]): Promise<void> => {
  for (const deadline = Date.now() + ANALYSED_MS_MAX; ; await sleep(1_000)) {
    const { rows } = await sql<{ waiting: string }>`
      select count(*) as waiting from pg_stat_user_tables where relname = any(${tables}) and last_autoanalyze is null`.execute(
      database,
    )
    if (rows[0]?.waiting === '0') return
    if (Date.now() > deadline) throw new Error('PostgreSQL has not analysed the tables of this run by itself.')
  }
}

const askedMs = async (path: string): Promise<[number, number]> => {
  const startedAt = performance.now()
  const text = await (await program.ask('GET', path)).text()
  const ms = performance.now() - startedAt
  return [ms, await bare.answerMs(Buffer.byteLength(text))]
}

/** The page of hosts again and again, until `over`. */
const followHosts = async (over: AbortSignal): Promise<number[]> => {
  const answers: number[] = []
  for (; !over.aborted; await sleep(PAUSE_MS)) answers.push((await askedMs('/api/v1/hosts'))[0])
  return answers
}

const judgedBeside = async (): Promise<{ seconds: number; answers: number[] }> => {
  const over = new AbortController()
  const following = followHosts(over.signal)
  const seconds = await judgeAll(database)
  over.abort()
  return { seconds, answers: await following }
}

const measureJudging = async (): Promise<void> => {
  const row = (what: string, seconds: readonly number[], meanwhile: readonly number[], quiet: readonly number[]) => {
    report.row({ what, unit: 's', values: seconds, budget: { of: 'median', atMost: BACKGROUND_S_MAX } })
    report.row({
      ...{ what: 'GET /api/v1/hosts meanwhile', unit: 'ms', values: meanwhile },
      ...{ beside: { name: 'while nothing is judged', values: quiet }, budget: { of: 'ratio', atMost: SLOWED_MAX } },
    })
  }
  const before = await followHosts(AbortSignal.timeout(QUIET_MS))
  const first = await judgedBeside()
  const after = await followHosts(AbortSignal.timeout(QUIET_MS))
  row('judged for the first time, all verdicts written', [first.seconds], first.answers, [...before, ...after])
  const [seconds, meanwhile, quiet]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round < ROUNDS; round += 1) {
    quiet.push(...(await followHosts(AbortSignal.timeout(QUIET_MS))))
    // Else a class whose verdicts are the same as before would not be held against what is stored.
    await sql`update exposure_classes set print = null`.execute(database)
    const judged = await judgedBeside()
    seconds.push(judged.seconds)
    meanwhile.push(...judged.answers)
  }
  row(`judged ${ROUNDS} times more, each verdict held against the stored one`, seconds, meanwhile, quiet)
}

const measurePages = async (): Promise<void> => {
  const { items } = (await (await program.ask('GET', '/api/v1/cves?sort=exposed&limit=50')).json()) as {
    items: { id: string }[]
  }
  const { rows } = await sql<{ id: string }>`select id from hosts order by name limit 50`.execute(database)
  const at = encodeURIComponent(new Date(Date.now() - 1_000).toISOString())
  const day = (ahead: number) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10)
  const nth = <Value>(list: readonly Value[], n: number) => list[n % list.length] as Value
  const pages: Record<string, (n: number) => string> = {
    'GET /api/v1/cves': () => '/api/v1/cves',
    'GET /api/v1/cves?filter=label.env:prod': () => '/api/v1/cves?filter=label.env:prod&status=exposed',
    'GET /api/v1/cves?at=': () => `/api/v1/cves?at=${at}`,
    'GET /api/v1/cves/:id': (n) => `/api/v1/cves/${nth(items, n).id}`,
    'GET /api/v1/cves/:id/hosts': (n) => `/api/v1/cves/${nth(items, n).id}/hosts?status=exposed`,
    'GET /api/v1/hosts/:id/exposure': (n) => `/api/v1/hosts/${nth(rows, n).id}/exposure`,
    'GET /api/v1/compliance': () => '/api/v1/compliance',
    'GET /api/v1/compliance/hosts': () => '/api/v1/compliance/hosts',
    'GET /api/v1/compliance/gains': () => '/api/v1/compliance/gains',
    'GET /api/v1/reboot-debt': () => '/api/v1/reboot-debt',
    'GET /api/v1/reboot-debt?filter=&reason=': () =>
      '/api/v1/reboot-debt?filter=label.env:prod&reason=cve_without_livepatch',
    'GET /api/v1/reboot-debt/days': () => `/api/v1/reboot-debt/days?from=${day(-15)}&to=${day(45)}`,
  }
  for (const [what, path] of Object.entries(pages)) {
    const answers: number[] = []
    const limits: number[] = []
    for (let n = 0; n < ASKED; n += 1) {
      const [ms, limit] = await askedMs(path(n)).catch((error: Error) => {
        if (n === 0) console.log(`${what}: ${error.message}`)
        return [0, 0] as const
      })
      answers.push(ms)
      limits.push(limit)
    }
    report.row({ what: `${what}, the first time`, unit: 'ms', values: answers.slice(0, 1) })
    report.row({
      ...{ what, unit: 'ms', values: answers.slice(1), budget: { of: 'median', atMost: PAGE_MS_MAX } },
      beside: { name: 'bare answer', values: limits.slice(1) },
    })
  }
}

try {
  await makeCves()
  await makeHosts(await makeClasses(database, classCount))
  const { cves } = await loadKnowledge(database)
  report.note(`${hostCount} hosts in ${classCount} classes, ${cves.length} CVEs.`)
  await measureJudging()
  await measurePages()
  if (!(await report.end())) process.exitCode = 1
} finally {
  await pool.end()
  bare.stop()
  await program.stop()
}
