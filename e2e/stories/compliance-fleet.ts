import { type Browser, expect, type Page } from '@playwright/test'
import { hostPlan } from '@rebootless/server/sim/fleet/host-plan.ts'
import { type Program, startProgram } from '../program.ts'
import { PASSWORD, story } from './story.ts'

const HOSTS = 12
export const DESK = { width: 1440, height: 900 }

/** Hosts of which none is busy with a transition that its tasks hold back. */
const calmSeed = (): number => {
  for (let seed = 0; seed < 20_000; seed += 1) {
    const plans = Array.from({ length: HOSTS }, (_, index) => hostPlan(seed, index))
    const behind = plans.filter(({ condition }) => condition === 'behind')
    if (plans.every(({ condition }) => condition !== 'busy') && behind.length > 2) return seed
  }
  throw new Error('no seed has such hosts')
}

/** The whole program with simulated hosts to which nothing else happens, and the facts that ship; it may call this machine. */
export const complianceStory = story.extend<object, { program: Program }>({
  program: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright finds out what a fixture needs from this pattern
    async ({}, use) => {
      const program = await startProgram({
        ...{ REBOOTLESS_ADMIN_PASSWORD: PASSWORD, REBOOTLESS_RECORDED_HOSTS: '0', OUTGOING_NETWORKS: '127.0.0.1' },
        ...{ REBOOTLESS_SIMULATED_HOSTS: `${HOSTS}`, REBOOTLESS_SIMULATION_SEED: `${calmSeed()}` },
        REBOOTLESS_SIMULATED_INCIDENTS: 'off',
      })
      await use(program)
      await program.remove()
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  viewport: DESK,
})

interface Summary {
  readonly sentence: string
  readonly judgedAt: string
  readonly doubts: readonly { readonly doubt: string; readonly hosts: number }[]
  readonly counts: { readonly hosts: number; readonly judged: number; readonly exposed: number }
  readonly accepted: { readonly exceptions: number; readonly hosts: number; readonly cves: number }
}

export const read = async <Answer>(page: Page, path: string): Promise<Answer> => {
  const answer = await page.request.get(`/api/v1${path}`)
  expect(answer.status(), path).toBe(200)
  return await answer.json()
}

/** As a page of this server asks; the answer's body. */
export const send = async <Answer>(page: Page, program: Program, path: string, data: object): Promise<Answer> => {
  const answer = await page.request.post(`/api/v1${path}`, { data, headers: { Origin: program.address } })
  expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true)
  return await answer.json()
}

export const summaryOf = (page: Page) => read<Summary>(page, '/compliance')

/** All hosts are there and judged, and none is in transition: no number moves any more. */
export const settled = async (page: Page): Promise<Summary> => {
  let summary = await summaryOf(page)
  await expect(async () => {
    const before = summary
    await page.waitForTimeout(1500)
    summary = await summaryOf(page)
    const { hosts, judged } = summary.counts
    expect({ hosts, judged }).toEqual({ hosts: HOSTS + 1, judged: HOSTS + 1 })
    expect(summary.counts).toEqual(before.counts)
    // What a transition fixes is open until it ends.
    expect(summary.doubts.find(({ doubt }) => doubt === 'in_transition')?.hosts).toBe(0)
  }).toPass({ timeout: 75_000 })
  return summary
}

/** Another person, in a browser of his own. */
export const somebody = async (
  page: Page,
  browser: Browser,
  program: Program,
  username: string,
  role: string,
): Promise<Page> => {
  const { link } = await send<{ link: { path: string } }>(page, program, '/users', { username, role, scope: null })
  const own = await (await browser.newContext({ locale: 'en-GB', baseURL: program.address })).newPage()
  await own.goto(link.path)
  await expect(own.getByRole('heading', { name: 'Fleet', exact: true }).first()).toBeVisible()
  return own
}
