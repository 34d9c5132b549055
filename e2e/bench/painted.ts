/**
 * `npm run bench -- painted`: from what a host says over mutual TLS to the frame of an open page that shows it, beside what the page
 * alone takes to paint a change, with 10,000 simulated hosts that go on meanwhile. Numbers behind choose others: hosts, changes.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium, type Page } from '@playwright/test'
import { startEventProbe } from '@rebootless/server/bench/event-probe.ts'
import { startProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { startReport } from '@rebootless/server/bench/report/bench-report.ts'
import { browserLaunchOptions } from '../browser.ts'

const [hostCount = 10_000, changeCount = 120] = process.argv.slice(2).map(Number)
/** What an agent may say (T09), and no round number, so that it does not fall in step with what else is periodic. */
const CHANGE_EVERY_MS = 1_013
const P99_MS_MAX = 250
const FIRST = 900_000

/** Notes for each number of tasks the time at which a frame that shows it was over: after the frame's callbacks, what comes next. */
const WATCH = `
  const seen = (window.rebootlessSeen = {})
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const shown = /\\d{3},\\d{3}/.exec(target.textContent ?? '')?.[0]
      if (shown === undefined || shown in seen) continue
      seen[shown] = 0
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = () => { seen[shown] = performance.timeOrigin + performance.now() }
        port2.postMessage(0)
      })
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true })`

/** What the page alone takes: a text that a script changes, until its frame is over. */
const ALONE = `new Promise((resolve) => {
  const startedAt = performance.now()
  const text = document.querySelector('h1')
  text.title = String(startedAt)
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => resolve(performance.now() - startedAt)
    port2.postMessage(0)
  })
})`

const seenBy = (page: Page) => page.evaluate('window.rebootlessSeen') as Promise<Record<string, number>>

const report = startReport('painted')
const program = await startProgramUnderTest(hostCount)
const browser = await chromium.launch(await browserLaunchOptions())
try {
  for (let come = 0; come < hostCount; ) {
    await sleep(1_000)
    come = (await program.hosts('filter=origin:simulated+kernel:*&limit=1').catch(() => ({ total: 0 }))).total
  }
  const probe = await startEventProbe(program)
  try {
    probe.say(FIRST + 1)
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US' })
    await context.addCookies(program.cookies())
    const page = await context.newPage()
    await page.goto(`${program.address}/hosts/${probe.hostId}`)
    await page
      .getByText(`${(FIRST + 1).toLocaleString('en-US')}`)
      .first()
      .waitFor()
    await page.evaluate(WATCH)
    const alone: number[] = []
    const said = new Map<string, number>()
    for (let n = 0; n < changeCount; n += 1) {
      const tasks = FIRST - n
      said.set(tasks.toLocaleString('en-US'), probe.say(tasks))
      await sleep(CHANGE_EVERY_MS)
      if (n % 2 === 0) alone.push((await page.evaluate(ALONE)) as number)
    }
    await page
      .getByText(`${(FIRST - changeCount + 1).toLocaleString('en-US')}`)
      .first()
      .waitFor()
    const seen = await seenBy(page)
    // A number that a newer one overtook before its frame was never painted, and cost nobody anything.
    const painted = [...said].flatMap(([shown, saidAt]) => (seen[shown] ? [seen[shown] - saidAt] : []))
    report.note(
      `${hostCount} simulated hosts; ${painted.length} of ${changeCount} changes were painted, others were overtaken by the next.`,
    )
    report.row({
      ...{ what: 'what a host said, until it is painted', unit: 'ms', values: painted },
      ...{ beside: { name: 'the page alone', values: alone }, budget: { of: 'p99', atMost: P99_MS_MAX } },
    })
    if (painted.length < changeCount / 2) throw new Error('more than half of the changes were never painted')
    if (!(await report.end())) process.exitCode = 1
  } finally {
    await probe.stop()
  }
} finally {
  await browser.close()
  await program.stop()
}
