// Goal: a page that is open for a day takes no more memory, nodes or listeners at its end than after its first hours, and shows what is so
// then. Method: a browser on the built program, first on the fleet, then on a host; as many changes as a day brings, as fast as they go
// through the event stream, while the page's clock goes through the day; heap, nodes and listeners after a collection, by CDP.
import { type CDPSession, chromium } from '@playwright/test'
import { openBenchDatabase } from '@rebootless/server/bench/bench-database.ts'
import { startProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { appendEvents, tellOf } from '@rebootless/server/bff/events/append-event.ts'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { browserLaunchOptions } from '../browser.ts'
import { startBareHosts } from './bare-hosts-under-test.ts'
import { beginFault, until } from './fault.ts'

const HOSTS = 60
/** On each page, with a change of each host in each: some change every six seconds, all day. */
const ROUNDS = 260
/** What is loaded when it is first needed, and caches that have an end, are full by then. */
const WARM_ROUNDS = 60
const DAY_MS = 86_400_000
/** A change is nearly a kilobyte in the page, so that one in fifty that is kept is seen. */
const HEAP_GROWTH_MAX = 1.05
/** What V8's compilers make lies in the heap, more of it the longer a page is open, and is let go when it likes; bytecode is run here alone. */
const NOT_COMPILED = '--js-flags=--no-sparkplug --no-maglev --no-turbofan'
/** Rows come and go with what they tell, a few; one for each time that the page is told would be hundreds. */
const NODES_GROWTH_MAX = 1.1

/** What a page holds after a collection: Chrome DevTools Protocol, HeapProfiler.collectGarbage, Performance.getMetrics. */
const heldBy = async (cdp: CDPSession) => {
  // The second takes what finalizers of the first let go.
  for (let collection = 0; collection < 2; collection += 1) await cdp.send('HeapProfiler.collectGarbage')
  const { metrics } = await cdp.send('Performance.getMetrics')
  const value = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN
  return { bytes: value('JSHeapUsedSize'), nodes: value('Nodes'), listeners: value('JSEventListeners') }
}

/** Once what the page still asks for is answered: a request under way has listeners too. */
const heldAtRest = async (cdp: CDPSession) => {
  const looks = [await heldBy(cdp)]
  const isAtRest = async (): Promise<boolean> => {
    const [before, now] = [looks.at(-1), await heldBy(cdp)]
    looks.push(now)
    // The first two follow one another at once.
    return looks.length > 2 && now.nodes === before?.nodes && now.listeners === before.listeners
  }
  await until('the page is at rest', isAtRest, { everyMs: 500 })
  return looks.at(-1) ?? (await heldBy(cdp))
}

test('browser-day', async () => {
  const { report, measured, reached, inTheEnd, step } = beginFault(
    'browser-day',
    `after a day's events its heap is at most ${Math.round((HEAP_GROWTH_MAX - 1) * 100)} % larger than after the first hours, its nodes ` +
      `and listeners are at most ${Math.round((NODES_GROWTH_MAX - 1) * 100)} % more, and it shows the newest state.`,
  )
  const program = await startProgramUnderTest(0, { quiet: true })
  inTheEnd(program.stop)
  const hosts = await startBareHosts(program, HOSTS)
  inTheEnd(hosts.stop)
  const { kysely, close } = await openBenchDatabase(program)
  inTheEnd(close)
  const { args = [], ...found } = await browserLaunchOptions()
  const browser = await chromium.launch({ ...found, args: [...args, NOT_COMPILED] })
  inTheEnd(() => browser.close())
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US' })
  await context.addCookies(program.cookies())
  const page = await context.newPage()
  await page.clock.install()
  const cdp = await context.newCDPSession(page)
  await cdp.send('Performance.enable')
  await cdp.send('Network.enable')
  let [events, rounds] = [0, 0]
  cdp.on('Network.eventSourceMessageReceived', ({ data }) => {
    const { type } = JSON.parse(data)
    if (type === 'host.changed') events += 1
    if (type === 'policies.changed') rounds += 1
  })

  let round = 0
  /** All hosts change, some in their state, and what else changes beside; resolves once the page has been told. */
  const change = async (release: string): Promise<void> => {
    round += 1
    await kysely.transaction().execute(async (transaction) => {
      const at = new Date()
      const { rows } = await sql<{ id: string; revision: string }>`
        with locked as materialized (select id from hosts where id = any(${hosts.ids}::uuid[]) order by id for update)
        update hosts set revision = revision + 1, kernel_release = ${release},
          state = case when (revision + hashtext(name)) % 7 = 0 then 'failed' else 'patched' end
        where id in (select id from locked) returning id, revision`.execute(transaction)
      const sampled = { type: 'host.sampled', hostId: hosts.ids[0] ?? '', revision: 0, at } as const
      const changed = rows.map(({ id, revision }) => {
        return { type: 'host.changed', hostId: id, revision: Number(revision), at } as const
      })
      await appendEvents(transaction, [...changed, sampled])
      if (round % 10 === 0) await tellOf(transaction, 'alerts', at)
      await tellOf(transaction, 'policies', at)
    })
    await until('the page is told', async () => rounds >= round, { everyMs: 5 })
  }

  const day = async (where: string): Promise<void> => {
    const release = (n: number) => `6.12.${n}-${where.length}`
    for (let n = 0; n < WARM_ROUNDS; n += 1) await change(release(n))
    const before = await heldAtRest(cdp)
    step(`${where}: the first hours are over`)
    const eventsBefore = events
    for (let n = WARM_ROUNDS; n < ROUNDS; n += 1) {
      await change(release(n))
      await page.clock.fastForward(DAY_MS / (ROUNDS - WARM_ROUNDS))
    }
    const last = `6.99.${round}-last`
    await change(last)
    await page.getByRole('main').getByText(last).first().waitFor({ timeout: 60_000 })
    const after = await heldAtRest(cdp)
    reached(
      `${where}: changes of hosts that the page was told`,
      '',
      events - eventsBefore,
      HOSTS * (ROUNDS - WARM_ROUNDS),
    )
    measured(`${where}: heap after the first hours`, 'MB', before.bytes / 1e6)
    measured(`${where}: heap after the day, divided by it`, '', after.bytes / before.bytes, HEAP_GROWTH_MAX)
    measured(`${where}: nodes, likewise`, '', after.nodes / before.nodes, NODES_GROWTH_MAX)
    measured(`${where}: listeners, likewise`, '', after.listeners / before.listeners, NODES_GROWTH_MAX)
    step(`${where}: the day is over`)
  }

  await page.goto(`${program.address}/`)
  await page.getByRole('main').getByText('Hosts by kernel').waitFor({ timeout: 60_000 })
  await day('fleet')
  await page.getByRole('link', { name: 'Hosts', exact: true }).first().click()
  await page.getByRole('main').getByRole('link', { name: 'bare-0', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'bare-0' }).waitFor()
  await day('host')
  report.version('Chromium', browser.version())
  report.note(`${HOSTS} hosts; each page is told of ${HOSTS} changes at once, ${ROUNDS} times.`)
  expect(await report.end()).toBe(true)
})
