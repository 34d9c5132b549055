/**
 * `npm run bench -- painted`: from what a host says over mutual TLS to the frame of an open page that shows it, beside what the page
 * alone takes to paint a change, while 10,000 agents are linked and 1,000 of them are in a transition; and what the
 * backend and its database take for all that. Numbers behind choose others: agents, of them in a transition, changes.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Browser, chromium, type Page } from '@playwright/test'
import { type BareFleet, startBareFleet } from '@rebootless/server/bench/bare-fleet.ts'
import { makeBareHosts } from '@rebootless/server/bench/bare-hosts.ts'
import { type EventProbe, startEventProbe } from '@rebootless/server/bench/event-probe.ts'
import { memoryOf } from '@rebootless/server/bench/memory.ts'
import { processTree } from '@rebootless/server/bench/process-tree.ts'
import { type ProgramUnderTest, startProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { startReport } from '@rebootless/server/bench/report/bench-report.ts'
import { browserLaunchOptions } from '../browser.ts'

const [agentCount = 10_000, inTransition = 1_000, changeCount = 120] = process.argv.slice(2).map(Number)
/** What an agent may say (T09), and no round number, so that it does not fall in step with what else is periodic. */
const CHANGE_EVERY_MS = 1_013
const SETTLE_MS = 30_000
/** How a fleet comes back all at once is the part `reconnect`. */
const DIALS_PER_SECOND = 50
const P99_MS_MAX = 250
const CORES_MAX = 1.5
const MEMORY_GIB_MAX = 1.5
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

const written = (tasks: number) => tasks.toLocaleString('en-US')

const until = async (what: string, wanted: number, count: () => Promise<number>): Promise<void> => {
  const startedAt = Date.now()
  for (let there = await count(); there < wanted; there = await count()) {
    console.log(`${Math.round((Date.now() - startedAt) / 1_000)} s: ${there} of ${wanted} ${what}`)
    await sleep(10_000)
  }
}

const untilAllCame = async (program: ProgramUnderTest, agents: BareFleet): Promise<void> => {
  const inState = async (state: string) => (await program.hosts(`filter=state:${state}&limit=1`)).total
  await until('linked', agentCount, async () => (await agents.tally()).linked)
  agents.begin()
  // Between two transitions of a host there is a second.
  await until(
    'in a transition',
    inTransition * 0.95,
    async () => (await inState('patching')) + (await inState('stalled')),
  )
}

const openProbesPage = async (browser: Browser, program: ProgramUnderTest, probe: EventProbe): Promise<Page> => {
  probe.say(FIRST + 1)
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US' })
  await context.addCookies(program.cookies())
  const page = await context.newPage()
  await page.goto(`${program.address}/hosts/${probe.hostId}`)
  const first = page.getByText(written(FIRST + 1)).first()
  await first.waitFor()
  await page.evaluate(WATCH)
  return page
}

/** Of one core, since the former call; the browser and the agents are no part of it. */
const startMeter = async (program: ProgramUnderTest) => {
  const read = async () => {
    const uses = await processTree(program.pid)
    return { atMs: performance.now(), cpu: new Map(uses.map(({ pid, cpuMs }) => [pid, cpuMs])) }
  }
  let before = await read()
  return async (): Promise<number> => {
    const now = await read()
    const used = [...now.cpu].reduce((sum, [pid, cpuMs]) => sum + cpuMs - (before.cpu.get(pid) ?? 0), 0)
    const cores = used / (now.atMs - before.atMs)
    before = now
    return cores
  }
}

const measure = async (program: ProgramUnderTest, page: Page, probe: EventProbe): Promise<void> => {
  const [alone, cores, memory]: [number[], number[], number[]] = [[], [], []]
  const said = new Map<string, number>()
  const meter = await startMeter(program)
  for (let n = 0; n < changeCount; n += 1) {
    said.set(written(FIRST - n), probe.say(FIRST - n))
    await sleep(CHANGE_EVERY_MS)
    if (n % 2 === 0) alone.push((await page.evaluate(ALONE)) as number)
    if (n % 10 !== 9) continue
    cores.push(await meter())
    memory.push((await memoryOf(program.pid)) / 2 ** 30)
  }
  const last = page.getByText(written(FIRST - changeCount + 1)).first()
  await last.waitFor()
  await page.evaluate(ALONE)
  const seen = (await page.evaluate('window.rebootlessSeen')) as Record<string, number>
  const paintings = Object.values(seen).filter((at) => at > 0).length
  // A number that the next overtook was never painted: until that one was, the page showed an older state.
  let nextAt = Number.POSITIVE_INFINITY
  const painted = [...said].reverse().map(([shown, saidAt]) => {
    nextAt = Math.min(nextAt, seen[shown] || nextAt)
    return nextAt - saidAt
  })
  report.note(
    `${agentCount} agents over mutual TLS, ${inTransition} of them in a transition; ${changeCount} changes made ${paintings} paintings.`,
  )
  report.row({
    ...{ what: 'what a host said, until it or what came after is painted', unit: 'ms', values: painted },
    ...{ beside: { name: 'the page alone', values: alone }, budget: { of: 'p99', atMost: P99_MS_MAX } },
  })
  const taken = 'backend and database'
  report.row({ what: taken, unit: 'cores', values: cores, budget: { of: 'median', atMost: CORES_MAX } })
  report.row({ what: taken, unit: 'GiB', values: memory, budget: { of: 'p99', atMost: MEMORY_GIB_MAX } })
}

const report = startReport('painted')
const folder = await mkdtemp(path.join(tmpdir(), 'rebootless-painted-'))
const program = await startProgramUnderTest(0)
const browser = await chromium.launch(await browserLaunchOptions())
let agents: BareFleet | undefined
let probe: EventProbe | undefined
try {
  probe = await startEventProbe(program)
  agents = await startBareFleet(folder, await makeBareHosts(program, agentCount), {
    ...{ inTransition, perSecond: DIALS_PER_SECOND, behind: true },
  })
  await untilAllCame(program, agents)
  await sleep(SETTLE_MS)
  await measure(program, await openProbesPage(browser, program, probe), probe)
  if (!(await report.end())) process.exitCode = 1
} finally {
  await probe?.stop()
  agents?.kill()
  await browser.close()
  await program.stop()
  await rm(folder, { recursive: true })
}
