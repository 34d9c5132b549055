// Goal: with two backends on one database either may be killed at any moment, again and again, while a rollout goes: agents go to the
// other, the rollout ends as its plan says, and pages that stayed open miss nothing. Method: the built program twice, real agents on
// simulated kernels that name both over mutual TLS, Chromium through a balancer, the database read past the program.
// TWO_BACKENDS_SECONDS=600 kills for ten minutes.
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium } from '@playwright/test'
import { expect, test } from 'vitest'
import { browserLaunchOptions } from '../browser.ts'
import { startActingHosts } from './acting-hosts.ts'
import { type BackendUnderTest, startBackendsUnderTest } from './backends-under-test.ts'
import { followEvents } from './event-follower.ts'
import { startExternalPostgres } from './external-postgres.ts'
import { beginFault, secondsSince, until } from './fault.ts'
import { startLongRollout } from './long-rollout.ts'
import { departures, eventsOf, NOTE_EVENTS, storedEvents } from './page-events.ts'
import { freshDeparture, hostsDeparture, rolloutDeparture } from './page-shows.ts'
import { measureWhatIsKept } from './what-is-kept.ts'
import { startWriter } from './writer.ts'

const SECONDS = Number(process.env.TWO_BACKENDS_SECONDS || 75)
const HOSTS = 60
const KILLS_MIN = 3
const MOVED_S_MAX = 15

test('two-backends', { timeout: SECONDS * 2_000 + 480_000 }, async () => {
  const fault = beginFault(
    'two-backends',
    `agents of a backend that is killed are linked to the other within ${MOVED_S_MAX} s; a rollout under way ends as its plan says, each ` +
      'host told once; a page that stayed open is told every event once and in order, and shows in the end what the API says.',
  )
  const { random, report, measured, reached, inTheEnd, step } = fault
  const postgres = await startExternalPostgres({})
  inTheEnd(postgres.stop)
  const { program, backends } = await startBackendsUnderTest(fault, 2, postgres.direct)
  const servers = backends.map(({ server }) => server)
  const hosts = await startActingHosts(fault, program, { count: HOSTS, servers })
  step('all hosts are there')
  const rollout = await startLongRollout(program, hosts, SECONDS)
  const browser = await chromium.launch(await browserLaunchOptions())
  inTheEnd(() => browser.close())
  const context = await browser.newContext({ viewport: { width: 1440, height: 3_200 }, locale: 'en-GB' })
  await context.addCookies(program.cookies())
  await context.addInitScript(NOTE_EVENTS)
  const opened = async (address: string) => {
    const page = await context.newPage()
    await page.goto(`${program.address}${address}`)
    await page
      .getByRole('list', { name: 'Hosts by stage' })
      .or(page.getByRole('table', { name: 'Hosts' }))
      .waitFor()
    return page
  }
  const pages = {
    rollout: await opened(`/rollouts/${rollout.id}`),
    Hosts: await opened(`/hosts?sort=name&filter=${encodeURIComponent(hosts.filter)}`),
  }
  const follower = await followEvents(program)
  inTheEnd(follower.stop)
  const writer = await startWriter(
    program,
    hosts.all.map(({ hostId }) => hostId),
  )
  inTheEnd(writer.stop)
  step('pages are open, and hosts are written to')

  const fencing = await rollout.fencing()
  const moves: Promise<number>[] = []
  const linkedAgain = (host: (typeof hosts.all)[number], killedAt: number): Promise<number> =>
    until(`${host.name} is linked again`, async () => (host.linked()?.atMs ?? 0) > killedAt).then(
      () => ((host.linked()?.atMs ?? 0) - killedAt) / 1_000,
    )
  const leading = async (): Promise<BackendUnderTest | undefined> => {
    const leads = await Promise.all(backends.map((backend) => backend.leads()))
    return backends[leads.findIndex((number) => number > 0)]
  }
  let [kills, leaders, last]: [number, number, BackendUnderTest | undefined] = [0, 0, undefined]
  const beganAt = performance.now()
  while (secondsSince(beganAt) < SECONDS || kills < KILLS_MIN) {
    await sleep(random.integer(1_000, 9_000))
    let victim = random.pick(backends)
    if (kills === 1) await until('somebody drives the rollout', async () => (await leading()) !== undefined)
    const leader = await leading()
    // Chance could leave out whoever drives the rollout: he is the second. It could leave out a page's stream: the third is the other,
    // and whichever backend a page was at, it was at one of these two.
    if (kills === 1) victim = leader ?? victim
    if (kills === 2) victim = backends.find((backend) => backend !== last)
    if (victim === undefined) throw new Error('no backend')
    last = victim
    if (victim === leader) leaders += 1
    const held = hosts.all.filter((host) => host.linked()?.server === victim.server)
    // Its links are gone before its end is heard of, and who is quick is linked elsewhere by then.
    const killedAt = performance.now()
    await victim.kill()
    kills += 1
    for (const host of held) moves.push(linkedAgain(host, killedAt))
    await sleep(random.integer(200, 6_000))
    await victim.restart()
    step(`kill ${kills} of ${servers.indexOf(victim.server) + 1} with ${held.length} agents; ${await rollout.words()}`)
  }
  const isUnderWay = (await rollout.phase()) === 'running'
  await until('the rollout is over', rollout.isOver, { withinMs: SECONDS * 1_000 + 180_000, everyMs: 500 })
  step(await rollout.words())

  reached('kills', '', kills, Math.max(KILLS_MIN, Math.floor(SECONDS / 30)))
  reached('of them those of the backend that drove the rollout', '', leaders, 1)
  reached('the rollout was under way at the last', '', Number(isUnderWay), 1)
  const moved = await Promise.all(moves)
  const budget = { of: 'p99', atMost: MOVED_S_MAX } as const
  report.row({ what: 'killed, until an agent of it is linked to the other', unit: 's', values: moved, budget })
  measured('the slowest of them', 's', Math.max(...moved), MOVED_S_MAX)
  const gaps = hosts.all.flatMap((host) => host.gapsMs().map((ms) => ms / 1_000))
  measured('the longest that any agent was without a link', 's', Math.max(...gaps), MOVED_S_MAX)
  measured('times that the driving of rollouts passed on', '', (await rollout.fencing()) - fencing)
  await measureWhatIsKept(fault, { program, writer, follower })
  await rollout.measure(fault)

  for (const [name, page] of Object.entries(pages)) {
    const wrongs = async () => departures(await eventsOf(page), await storedEvents(program))
    await until('it was told all', async () => (await wrongs()).missed.length === 0, { withinMs: 15_000 }).catch(
      () => undefined,
    )
    const { told, times } = await eventsOf(page)
    const wrong = await wrongs()
    reached(`page of ${name}: events told`, '', told.length, 100)
    reached(`page of ${name}: times that its stream was taken up again`, '', times - 1, 1)
    const counted = [
      ['missed', wrong.missed],
      ['told twice or out of order', wrong.again],
      ['told and not stored so', wrong.foreign],
      ['hosts told as they had been before', wrong.older],
    ] as const
    for (const [what, ones] of counted) {
      measured(`page of ${name}: events ${what}`, '', ones.length, 0)
      if (ones.length > 0) console.log(ones.slice(0, 5))
    }
    measured(`page of ${name}: times that it had to begin anew`, '', wrong.anew, 0)
  }
  const shown = {
    'page of the rollout: what differs from the API': () => rolloutDeparture(pages.rollout, program, rollout.id),
    'page of Hosts: rows that differ from the API': () => hostsDeparture(pages.Hosts, program, hosts.filter),
    'page of Hosts: rows that differ from a page opened at the end': () => freshDeparture(pages.Hosts),
  }
  for (const [what, departure] of Object.entries(shown)) {
    await until(what, async () => (await departure()).length === 0, { withinMs: 15_000, everyMs: 500 }).catch(
      () => undefined,
    )
    const differing = await departure()
    measured(what, '', differing.length, 0)
    if (differing.length > 0) console.log(differing.slice(0, 5))
  }
  report.note(`${HOSTS} agents, ${SECONDS} s of kills, ${writer.refused()} writes were not acknowledged.`)
  expect(await report.end()).toBe(true)
})
