// Goal: kill -9 of any part at any moment loses nothing stored, and open pages come right by themselves. Method: the
// whole program, SIGKILL to its processes while a page watches, and its rows read past it, before and after.
import { hostname } from 'node:os'
import { expect, type Page, test } from '@playwright/test'
import { childrenOf } from '../processes.ts'
import { type Program, startProgram } from '../program.ts'
import { lostRows, postmasterOf, type StoredRows, storedRows } from '../stored-rows.ts'
import { PASSWORD, signIn } from './story.ts'

const RECORDED = 3
/** CRASH_SEED=4711 repeats one run's choice of victims and moments. */
const SEED = Number(process.env.CRASH_SEED || Date.now() % 1_000_000)
const ROUNDS = 5

let program: Program
let ids: string[]

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  test.setTimeout(120_000)
  program = await startProgram({
    REBOOTLESS_ADMIN_PASSWORD: PASSWORD,
    REBOOTLESS_RECORDED_HOSTS: `${RECORDED}`,
  })
})
test.afterAll(async () => {
  test.setTimeout(60_000)
  await program.remove()
})

/** An open page that is never reloaded, signed in once. */
const watch = async (page: Page): Promise<void> => {
  await signIn(page, program)
  // A table under somebody's eyes offers hosts that come later, and does not grow by itself.
  ids = await connectedHosts(page)
  await page.goto(`${program.address}/hosts`)
  await expectLive(page)
  // Gone after a reload.
  await page.evaluate('window.neverReloaded = true')
}

const expectLive = async (page: Page): Promise<void> => {
  const main = page.getByRole('main')
  await expect(main.getByText(/^Live/)).toBeVisible({ timeout: 45_000 })
  await expect(page.getByText(/What you see is as of/)).toBeHidden()
  const rows = page
    .getByRole('table', { name: 'Hosts' })
    .getByRole('row', { name: new RegExp(`recorded-|${hostname()}`) })
  await expect(rows).toHaveCount(RECORDED + 1)
}

/** Ids of all hosts, once the program says that it has a link to each, and has heard each since then. */
const connectedHosts = async (page: Page, heardSince = 0): Promise<string[]> => {
  let found: string[] = []
  await expect(async () => {
    const answer = await page.request.get(`${program.address}/api/v1/hosts`)
    expect(answer.status(), 'still signed in').toBe(200)
    const { items } = await answer.json()
    found = items.map((host: { id: string }) => host.id).sort()
    const unlinked = items.filter(
      (host: { connected: boolean; lastSeenAt: string }) =>
        !host.connected || Date.parse(host.lastSeenAt) <= heardSince,
    )
    expect(unlinked).toEqual([])
    expect(items).toHaveLength(RECORDED + 1)
  }).toPass({ timeout: 45_000, intervals: [200] })
  return found
}

/** Nothing that was stored before is lost, no host is doubled, every host is linked again, and the page is right. */
const expectWhole = async (page: Page, before: StoredRows, heardSince?: number): Promise<void> => {
  expect(await connectedHosts(page, heardSince)).toEqual(ids)
  await expectLive(page)
  expect(await page.evaluate('window.neverReloaded'), 'the page was not reloaded').toBe(true)
  const after = await storedRows(program.dataDirectory)
  expect(lostRows(before, after)).toEqual([])
  expect(after.hosts.size).toBe(before.hosts.size)
  expect(after.certificates.size, 'nobody had to enrol again').toBe(before.certificates.size)
}

/** What the agents send from now on is stored, as before. */
const expectNewSamples = async (before: StoredRows): Promise<void> => {
  await expect(async () => {
    const { samples } = await storedRows(program.dataDirectory)
    expect([...samples].filter((key) => !before.samples.has(key)).length).toBeGreaterThan(0)
  }).toPass({ timeout: 60_000, intervals: [1000] })
}

/** Killed, it can't say that its links ended: only what is heard after the restart shows that they are there again. */
const killBackend = async (): Promise<number> => {
  const killedAt = Date.now()
  await program.kill()
  program = await program.restart()
  return killedAt
}

const killPostmaster = async (): Promise<void> => {
  process.kill((await postmasterOf(program.dataDirectory)).pid, 'SIGKILL')
}

/** Until another runs in its place; the backend has noticed the cut link by then. */
const killChild = async (name: 'agent.mjs' | 'recorded-fleet.mjs'): Promise<void> => {
  const old = await childrenOf(program.pid, name)
  expect(old).toHaveLength(1)
  for (const pid of old) process.kill(pid, 'SIGKILL')
  await expect
    .poll(async () => (await childrenOf(program.pid, name)).filter((pid) => !old.includes(pid)), { timeout: 45_000 })
    .toHaveLength(1)
}

test('the backend: the page turns visibly stale, then live again without a reload, still signed in', async ({
  page,
}) => {
  await watch(page)
  const before = await storedRows(program.dataDirectory)
  const killedAt = Date.now()
  await program.kill()
  await expect(page.getByRole('main').getByText('Not live')).toBeVisible()
  await expect(page.getByText(/What you see is as of .* The live stream was lost/)).toBeVisible()
  // What was known stays in view.
  await expect(
    page
      .getByRole('table', { name: 'Hosts' })
      .getByRole('row', { name: /recorded-/ })
      .first(),
  ).toBeVisible()
  program = await program.restart()
  await expectWhole(page, before, killedAt)
  await expectNewSamples(before)
})

test('PostgreSQL: readyz says so, the supervisor brings it back, and the page is right', async ({ page }) => {
  await watch(page)
  const before = await storedRows(program.dataDirectory)
  const ready = async () => (await fetch(`${program.address}/readyz`)).status
  expect(await ready()).toBe(200)
  const { pid } = await postmasterOf(program.dataDirectory)
  await killPostmaster()
  const seen = new Set<number>()
  await expect(async () => {
    seen.add(await ready())
    expect([...seen]).toContain(503)
  }).toPass({ timeout: 10_000, intervals: [10] })
  await expect.poll(ready, { timeout: 30_000 }).toBe(200)
  expect((await fetch(`${program.address}/healthz`)).status).toBe(200)
  await expectWhole(page, before)
  expect((await postmasterOf(program.dataDirectory)).pid).not.toBe(pid)
  await expectNewSamples(before)
})

for (const [what, name] of [
  ["this machine's agent", 'agent.mjs'],
  ['the recorded kernels', 'recorded-fleet.mjs'],
] as const) {
  test(`${what}: it comes back as the same host`, async ({ page }) => {
    await watch(page)
    const before = await storedRows(program.dataDirectory)
    await killChild(name)
    await expectWhole(page, before)
  })
}

test('any of them at any moment', async ({ page }) => {
  test.setTimeout(180_000)
  console.log(`CRASH_SEED=${SEED}`)
  await watch(page)
  const random = randomOf(SEED)
  const victims = {
    backend: killBackend,
    PostgreSQL: killPostmaster,
    agent: () => killChild('agent.mjs'),
    recorded: () => killChild('recorded-fleet.mjs'),
    'PostgreSQL and backend': async () => {
      await killPostmaster()
      await sleep(random() * 500)
      return await killBackend()
    },
  }
  const names = Object.keys(victims) as (keyof typeof victims)[]
  for (let round = 1; round <= ROUNDS; round += 1) {
    const name = names[Math.floor(random() * names.length)] ?? 'backend'
    const wait = Math.round(random() * 2500)
    await test.step(`round ${round}: ${name} after ${wait} ms`, async () => {
      const before = await storedRows(program.dataDirectory)
      await sleep(wait)
      const heardSince = await victims[name]()
      await expectWhole(page, before, heardSince ?? 0)
    })
  }
})

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Mulberry32: small, and the same everywhere. */
const randomOf = (seed: number) => {
  let state = seed >>> 0
  return (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
