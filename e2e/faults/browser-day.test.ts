// Goal: a page that is open for a day takes no more memory at its end than at its beginning, and is still live. Method: a browser on the
// hosts' table of the built program; as many changes as a day brings, in a minute; the heap of the page after a collection, by CDP.
import { setTimeout as sleep } from 'node:timers/promises'
import { type CDPSession, chromium } from '@playwright/test'
import { openBenchDatabase } from '@rebootless/server/bench/bench-database.ts'
import { startProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { appendEvents, tellOf } from '@rebootless/server/bff/events/append-event.ts'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { browserLaunchOptions } from '../browser.ts'
import { startBareHosts } from './bare-hosts-under-test.ts'
import { beginFault } from './fault.ts'

const HOSTS = 60
/** Two changes every three seconds, all day: 60,000. */
const ROUNDS = 1_000
/** What is loaded when it is first needed, and caches that have an end, are full by then. */
const WARM_ROUNDS = 150
const GROWTH_MAX = 1.1

/** JavaScript's heap after a collection: Chrome DevTools Protocol, HeapProfiler.collectGarbage, Performance.getMetrics. */
const heapOf = async (cdp: CDPSession): Promise<{ bytes: number; nodes: number }> => {
  await cdp.send('HeapProfiler.collectGarbage')
  await cdp.send('HeapProfiler.collectGarbage') // what finalizers let go
  const { metrics } = await cdp.send('Performance.getMetrics')
  const value = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN
  return { bytes: value('JSHeapUsedSize'), nodes: value('Nodes') }
}

test('browser-day', async () => {
  const { report, measured, reached, inTheEnd, step } = beginFault(
    'browser-day',
    `its heap after a day's events is at most ${Math.round((GROWTH_MAX - 1) * 100)} % larger than after the first hours, and the page is live.`,
  )
  const program = await startProgramUnderTest(0, { quiet: true })
  inTheEnd(program.stop)
  const hosts = await startBareHosts(program, HOSTS)
  inTheEnd(hosts.stop)
  const { kysely, close } = await openBenchDatabase(program)
  inTheEnd(close)
  const browser = await chromium.launch(await browserLaunchOptions())
  inTheEnd(() => browser.close())
  const context = await browser.newContext()
  const cookies = program.cookie.split('; ').map((pair) => pair.split(/=(.*)/s))
  await context.addCookies(cookies.map(([name = '', value = '']) => ({ name, value, url: program.address })))
  const page = await context.newPage()
  await page.goto(`${program.address}/hosts`)
  const live = page.getByRole('main').getByText(/^Live/)
  await live.waitFor({ timeout: 120_000 })
  const cdp = await context.newCDPSession(page)
  await cdp.send('Performance.enable')
  step('the page is live')

  const round = (index: number): Promise<void> =>
    kysely.transaction().execute(async (transaction) => {
      const at = new Date()
      const { rows } = await sql<{ id: string; revision: string }>`
        update hosts set revision = revision + 1 where id = any(${hosts.ids}::uuid[]) returning id, revision`.execute(
        transaction,
      )
      if (index % 20 === 0) await tellOf(transaction, 'alerts', at)
      await appendEvents(
        transaction,
        rows.map(({ id, revision }) => ({ type: 'host.changed', hostId: id, revision: Number(revision), at })),
      )
    })
  /** What the page has still to take is no growth. */
  const settled = async () => {
    await sleep(3_000)
    return await heapOf(cdp)
  }
  for (let index = 0; index < WARM_ROUNDS; index += 1) await round(index)
  const before = await settled()
  step('the first hours are over')
  for (let index = WARM_ROUNDS; index < ROUNDS; index += 1) await round(index)
  const after = await settled()
  reached('changes of hosts', '', ROUNDS * HOSTS, 50_000)
  measured('heap after the first hours', 'MB', before.bytes / 1e6)
  measured('heap after the day', 'MB', after.bytes / 1e6)
  measured('the one divided by the other', '', after.bytes / before.bytes, GROWTH_MAX)
  measured('nodes of the document, after divided by before', '', after.nodes / before.nodes, GROWTH_MAX)
  await live.waitFor()
  report.version('Chromium', browser.version())
  report.note(`${HOSTS} hosts on the page.`)
  expect(await report.end()).toBe(true)
})
