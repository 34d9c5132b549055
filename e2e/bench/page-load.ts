/**
 * `npm run bench -- page-load`: pages of the built program over 10,000 hosts, loaded by Lighthouse by turns with a page of Debian's
 * Prometheus, which has scraped the same hosts, and with Cockpit's overview of one machine. Each load begins with an empty cache.
 * Numbers behind choose others: hosts, rounds.
 */
import { type BenchDatabase, openBenchDatabase } from '@rebootless/server/bench/bench-database.ts'
import { quantile } from '@rebootless/server/bench/figures.ts'
import { makeFleetRows } from '@rebootless/server/bench/fleet-rows.ts'
import { type ProgramUnderTest, startProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { startReport } from '@rebootless/server/bench/report/bench-report.ts'
import type { Budget } from '@rebootless/server/bench/report/bench-row.ts'
import { startCockpit } from './cockpit.ts'
import { readSeries } from './host-series.ts'
import { type Lighthouse, type PageLoad, startLighthouse } from './lighthouse-runs.ts'
import { startPrometheusOfHosts } from './prometheus-of-hosts.ts'

const [hostCount = 10_000, rounds = 5] = process.argv.slice(2).map(Number)

interface Page {
  readonly name: string
  readonly url: string
  readonly cookie?: string
  readonly loads: PageLoad[]
}
type Figure = Exclude<keyof PageLoad, 'lacks'>

/** Scores are better when they are greater. */
const FIGURES: readonly {
  readonly figure: Figure
  readonly what: string
  readonly unit: string
  readonly score?: true
}[] = [
  { figure: 'performance', what: 'performance', unit: '', score: true },
  { figure: 'accessibility', what: 'accessibility', unit: '', score: true },
  { figure: 'bestPractices', what: 'best practices', unit: '', score: true },
  { figure: 'largestPaintMs', what: 'largest contentful paint', unit: 'ms' },
  { figure: 'blockingMs', what: 'total blocking time', unit: 'ms' },
  { figure: 'layoutShift', what: 'cumulative layout shift', unit: '' },
  { figure: 'kibibytes', what: 'transferred', unit: 'KiB' },
]
const SCORE_MIN = 95
const LIMITS: Partial<Record<Figure, number>> = { largestPaintMs: 700, blockingMs: 140, layoutShift: 0.02 }

const budgetOf = (figure: Figure): Budget | undefined => {
  const most = LIMITS[figure]
  return most === undefined ? undefined : { of: 'median', atMost: most }
}

const valuesOf = ({ loads }: Page, figure: Figure) => loads.map((load) => load[figure])

const tell = (ours: readonly Page[], peers: readonly Page[]): void => {
  for (const { figure, what, unit, score } of FIGURES) {
    const budget: Budget | undefined = score ? { of: 'median', atLeast: SCORE_MIN } : budgetOf(figure)
    const better = (left: Page, right: Page) => {
      const difference = quantile(valuesOf(left, figure), 0.5) - quantile(valuesOf(right, figure), 0.5)
      return score ? -difference : difference
    }
    const [best, ...others] = peers.toSorted(better)
    for (const page of ours) {
      const beside = best && { name: best.name, values: valuesOf(best, figure) }
      const values = valuesOf(page, figure)
      report.row({ what: `${page.name}: ${what}`, unit, values, ...(beside && { beside }), ...(budget && { budget }) })
    }
    for (const page of others) report.row({ what: `${page.name}: ${what}`, unit, values: valuesOf(page, figure) })
  }
  for (const page of ours) {
    const lacks = new Set(page.loads.flatMap(({ lacks: ids }) => ids))
    if (lacks.size > 0) report.note(`${page.name} lacks, in one load at least: ${[...lacks].join(', ')}.`)
  }
}

const measure = async (
  program: ProgramUnderTest,
  database: BenchDatabase['kysely'],
  lighthouse: Lighthouse,
): Promise<void> => {
  await makeFleetRows(database, hostCount, [])
  const host = (await program.hosts('filter=name:host-000001')).items[0]
  if (host === undefined) throw new Error('the hosts were not made')
  const prometheus = await startPrometheusOfHosts(await readSeries(database), [])
  try {
    const cockpit = await startCockpit()
    try {
      report.version('Prometheus', prometheus.version)
      report.version('Cockpit', cockpit.version)
      const own = (name: string, path: string): Page => ({
        ...{ name, url: `${program.address}${path}`, cookie: program.cookie, loads: [] },
      })
      const ours = [own('Fleet', '/'), own('Hosts', '/hosts'), own('a host', `/hosts/${host.id}`)]
      const table = new URLSearchParams({ 'g0.expr': 'count by (state) (livepatch_host_state)', 'g0.tab': '1' })
      const peers: Page[] = [
        { name: "Prometheus' hosts by state", url: `${prometheus.address}/graph?${table}`, loads: [] },
        { name: "Cockpit's overview", url: cockpit.overview, loads: [] },
      ]
      // The first round is for what each server keeps from then on.
      for (let round = 0; round <= rounds; round += 1) {
        for (const { name, url, cookie, loads } of [...ours, ...peers]) {
          const load = await lighthouse.load(url, cookie)
          if (round > 0) loads.push(load)
          console.log(`  round ${round} of ${rounds}, ${name}: performance ${load.performance}`)
        }
      }
      tell(ours, peers)
    } finally {
      await cockpit.stop()
    }
  } finally {
    await prometheus.stop()
  }
}

const report = startReport('page-load')
const lighthouse = await startLighthouse()
try {
  report.version('Lighthouse', lighthouse.version)
  report.version('Chromium', lighthouse.browserVersion)
  const program = await startProgramUnderTest(0)
  try {
    const database = await openBenchDatabase(program)
    await measure(program, database.kysely, lighthouse).finally(database.close)
  } finally {
    await program.stop()
  }
} finally {
  await lighthouse.stop()
}
report.note(`${hostCount} hosts.`)
if (!(await report.end())) process.exitCode = 1
