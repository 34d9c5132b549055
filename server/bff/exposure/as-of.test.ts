// Goal: asked for any past moment, what hosts were to CVEs equals what was recorded at that moment. Method: a quarter in which hosts
// come, change kernels, labels, livepatches and names, fall silent and are removed, feeds change their words and the catalogue
// its own, by a seed; after each change what holds then is kept aside in memory, and 500 random moments are asked for at the end.
import { CveList } from '@rebootless/shared/contract/cves.ts'
import { EXPOSURES } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { seeded } from '@rebootless/shared/domain/exposure/test-seeded.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { hostScopeOf, WHOLE_FLEET } from '../hosts/host-scope.ts'
import { createIngest } from '../ingest/ingest.ts'
import { sweepSilentHosts } from '../ingest/sweep-silent-hosts.ts'
import { enrolTestHost, openTestLink } from '../ingest/test-host.ts'
import * as make from '../ingest/test-messages.ts'
import { noteStaleModule } from './catalogue-cves.ts'
import { listCveHosts } from './cve-hosts.ts'
import { closePeriods } from './host-periods.ts'
import { createJudge } from './judge-pass.ts'
import { createKnownCves } from './known-cves.ts'
import { listCves } from './list-cves.ts'
import { refreshStale } from './refresh-stale.ts'
import { catalogueModule, tell, upstreamCve } from './test-exposure-store.ts'
import { createVerdictMatrices } from './verdict-matrix.ts'

const SEED = Number(process.env.SEED ?? 20_261_127)
const DAYS = 90
const CHANGES = 400
const MOMENTS = 500
const CVES = Array.from({ length: 8 }, (_, n) => `CVE-2025-000${n + 1}`)
const SCOPE = hostScopeOf({ scope: 'label.env:staging' })

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

/** What the open rows say, read without any of the code that answers questions of the past. */
const recordedNow = async () => {
  const { rows } = await sql<{ cve: string; name: string; status: string; env: string }>`
    select verdict.cve_id as cve, placed.host_name as name, verdict.status, placed.labels ->> 'env' as env
    from host_exposure as placed join exposure_verdicts as verdict on verdict.class_id = placed.class_id
    where placed.to_at is null and verdict.to_at is null order by 1, 2`.execute(database.kysely)
  const { rows: cves } = await sql<{ cve: string; score: number }>`
    select cve_id as cve, score from cve_facts where to_at is null order by 1`.execute(database.kysely)
  return { rows, cves }
}
type Recorded = Awaited<ReturnType<typeof recordedNow>>

const countsOf = ({ rows, cves }: Recorded, env: string | null) =>
  cves.map(({ cve, score }) => ({
    ...{ cve, score },
    counts: EXPOSURES.map(
      (word) =>
        rows.filter((row) => row.cve === cve && row.status === word && (env === null || row.env === env)).length,
    ),
  }))

test(`500 moments of a quarter are told as they were recorded (seed ${SEED})`, { timeout: 180_000 }, async () => {
  const random = seeded(SEED)
  let time = make.START
  const clock = { now: () => new Date(time) }
  const kysely = database.kysely
  const ingest = createIngest({ database: kysely, clock, heartbeatsEveryMs: 0, changesEveryMs: 0 })
  const judge = createJudge(kysely, { clock })
  const hosts: string[] = []
  let [sequence, named] = [1, 0]
  const drawn = <T>(list: readonly T[]): T => list[random.below(list.length)] as T
  const release = () => `6.${drawn([10, 11, 12])}.${1 + random.below(6)}`

  const say = async (id: string) => {
    sequence += 1
    const whole = make.patchedSnapshot()
    const snapshot = make.patchedSnapshot({
      kernel: { ...whole.kernel, release: release(), version: '#1 SMP' },
      operatingSystem: { id: 'arch', name: 'Arch Linux', versionId: null },
      hostName: `host-${hosts.indexOf(id)}${random.below(10) === 0 ? '-renamed' : ''}`,
      ...(random.below(2) === 0 ? {} : { livepatches: [], livepatchModules: [], enabledFunctions: [], memory: [] }),
    })
    await ingest.accept(id, make.snapshotMessage({ epoch: 1, sequence }, snapshot), clock.now())
  }
  const changes = [
    async () => {
      named += 1
      const labels = { env: drawn(['prod', 'staging']) }
      const id = await enrolTestHost(kysely, { name: `host-${named}`, labels, now: clock.now() })
      hosts.push(id)
      await openTestLink(ingest, id, `link-${id}`, clock.now())
      await say(id)
    },
    async () => hosts.length > 0 && say(drawn(hosts)),
    async () => hosts.length > 0 && say(drawn(hosts)),
    async () => tell(kysely, drawn(CVES), upstreamCve(release(), 1 + random.below(90) / 10), clock.now()),
    async () => tell(kysely, drawn(CVES), [], clock.now()),
    async () => {
      await sql`delete from artefacts`.execute(kysely)
      await catalogueModule(kysely, { name: 'lp_fix', srcversion: 'ABC', cves: [drawn(CVES)] }, clock.now())
      await kysely.transaction().execute((transaction) => noteStaleModule(transaction, 'lp_fix'))
    },
    async () => sweepSilentHosts(kysely, clock.now()),
    async () => {
      if (hosts.length < 10) return
      const [gone = ''] = hosts.splice(random.below(hosts.length), 1)
      await kysely.deleteFrom('hosts').where('id', '=', gone).execute()
      await kysely.transaction().execute((transaction) => closePeriods(transaction, [gone], clock.now()))
    },
  ]

  const recorded: { at: number; what: Recorded }[] = []
  const record = async () => {
    recorded.push({ at: time, what: await recordedNow() })
    // Nothing else is of the same moment.
    time += 1
  }
  for (let n = 0; n < CHANGES; n += 1) {
    time += 1 + random.below(Math.floor((2 * DAYS * 86_400_000) / CHANGES))
    await (n < 12 ? changes[0] : drawn(changes))?.()
    await record()
    time += random.below(60_000)
    await refreshStale(kysely, clock.now())
    await record()
    if (random.below(3) > 0) await judge.pass()
    await record()
  }

  time += 86_400_000
  const reader = {
    database: kysely,
    primary: kysely,
    matrices: createVerdictMatrices(kysely, clock),
    cves: createKnownCves(kysely),
  }
  const first = recorded[0]?.at ?? 0
  for (let n = 0; n < MOMENTS; n += 1) {
    const at = first + random.below(time - first)
    const then = recorded.findLast((one) => one.at <= at)
    if (then === undefined) continue
    const [scope, env] = random.below(2) === 0 ? [WHOLE_FLEET, null] : [SCOPE, 'staging']
    const moment = { at: new Date(at), asOf: new Date(at).toISOString(), lock: 0 }
    const query = { filter: '', search: '', sort: 'id', limit: 500 } as const
    const answer = CveList.parse(await listCves(reader, scope, query, moment))
    const told = answer.items.map(({ id, score, hosts: counts }) => ({
      ...{ cve: id, score },
      counts: EXPOSURES.map((word) => counts[word]),
    }))
    expect(told, moment.asOf).toEqual(countsOf(then.what, env))
    const cve = answer.items[0]?.id
    if (cve === undefined || n % 10 !== 0) continue
    const asked = { scope, filter: '', at: moment.at }
    const { items } = await listCveHosts(reader, cve, asked, { filter: '', status: 'exposed', limit: 500 }, moment.at)
    const names = then.what.rows.filter(
      (row) => row.cve === cve && row.status === 'exposed' && (env === null || row.env === env),
    )
    expect(items.map(({ host }) => host.name).sort(), moment.asOf).toEqual(names.map(({ name }) => name).sort())
  }
})
