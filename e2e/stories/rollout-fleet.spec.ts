// Goal: the night of an on-call engineer over 200 simulated hosts of all providers: the canary stalls, the rollout pauses by itself and
// the page names host and task; the wave is undone, the host left out, the rest goes on to the end; and a second rollout is undone
// by itself when kernels oops. Method: the whole program, the simulated livepatches that do harm, plans written as YAML, a browser.
import { expect, type Locator, type Page, test } from '@playwright/test'
import { type Program, startProgram } from '../program.ts'
import { auditAll } from './audit.ts'
import { complaintsOf, PASSWORD, signIn } from './story.ts'

const HOSTS = 200

let program: Program
test.beforeAll(async () => {
  program = await startProgram({
    ...{ REBOOTLESS_ADMIN_PASSWORD: PASSWORD, REBOOTLESS_RECORDED_HOSTS: '0' },
    ...{ REBOOTLESS_SIMULATED_HOSTS: `${HOSTS}`, REBOOTLESS_SIMULATION_SEED: '7' },
    // The story is about what rollouts do.
    REBOOTLESS_SIMULATED_INCIDENTS: 'off',
  })
})
test.afterAll(() => program.remove())

interface Listed {
  readonly id: string
  readonly name: string
  readonly readAt: string | null
  readonly transition: object | null
  readonly labels: Record<string, string>
  readonly providers: readonly string[]
}

const ask = async (page: Page, path: string, params: Record<string, string>) =>
  await (await page.request.get(`${program.address}/api/v1${path}`, { params })).json()

/** All of them, once nearly all have told of themselves: some have slow links. */
const fleet = async (page: Page): Promise<Listed[]> => {
  let hosts: Listed[] = []
  await expect(async () => {
    hosts = (await ask(page, '/hosts', { filter: 'origin:simulated', limit: '500' })).items
    expect([hosts.length, hosts.filter(({ readAt }) => readAt === null).length < 6]).toEqual([HOSTS, true])
  }).toPass({ timeout: 60_000, intervals: [1000] })
  return hosts
}

const filesCalled = async (page: Page, name: string): Promise<string[]> => {
  const { items } = await ask(page, '/patches', { filter: `name:${name}`, limit: '500' })
  return items.map(({ id }: { id: string }) => id)
}

/** Somebody pastes a plan into the maker, looks at who goes when, and keeps it. */
const keepPlan = async (page: Page, spec: object): Promise<void> => {
  await page.goto(`${program.address}/rollouts/new`)
  await page.getByText('YAML', { exact: true }).click()
  // JSON is YAML (yaml.org/spec/1.2.2, 1.3).
  const file = { apiVersion: 'rebootless/v1', kind: 'Rollout', metadata: { name: 'of the story' }, spec }
  await page.getByRole('textbox', { name: 'The plan as YAML' }).fill(JSON.stringify(file, null, 1))
  await expect(page.getByRole('region', { name: 'Who goes when' }).getByRole('status')).toContainText(
    /hosts? in \d+ wave/,
  )
  await page.getByRole('button', { name: /^Keep the plan, for \d+ hosts/ }).click()
  await expect(page).toHaveURL(/\/rollouts\/[0-9a-f-]{36}$/)
}

const act = async (page: Page, button: Locator, title: string, fill?: (dialog: Locator) => Promise<void>) => {
  await button.click()
  const dialog = page.getByRole('dialog', { name: title })
  await dialog.getByLabel('Reason').fill('the story asks for it')
  await fill?.(dialog)
  await dialog.getByRole('button', { name: title, exact: true }).click()
  await expect(dialog).toBeHidden()
}

const partsOf = (page: Page) => ({
  why: page.getByRole('region', { name: 'Why it stands where it stands' }),
  acts: page.getByRole('list', { name: 'What can be done' }),
  stages: page.getByRole('list', { name: 'Hosts by stage' }),
  log: page.getByRole('list', { name: 'Decisions, newest first' }),
})

/** It has told of itself, and nothing is under way on it: some are busy from the start. */
const isCalm = ({ readAt, transition }: Listed) => readAt !== null && transition === null

/** No simulated livepatch that does harm goes to hosts where it would, but for these. */
const planOf = (hosts: readonly Listed[], patches: readonly string[], harmed: (host: Listed) => boolean) => ({
  ...{ reason: 'CVE-2026-1', hosts: 'origin:simulated' },
  ...{ change: { kind: 'load', patches }, livePatching: 'when possible', stalls: { policy: 'ask', afterSeconds: 3 } },
  exclude: hosts
    .filter((host) => !isCalm(host) || (['r01', 'r02'].includes(host.labels.rack ?? '') && !harmed(host)))
    .map(({ id }) => id),
  gates: [{ kind: 'transitions', percent: 100, withinSeconds: 120 }, { kind: 'kernel log' }, { kind: 'agents' }],
})

test('an oops after a patch undoes the whole rollout by itself', async ({ page }) => {
  test.setTimeout(180_000)
  const complaints = complaintsOf(page)
  await signIn(page, program)
  const hosts = await fleet(page)
  const patches = await filesCalled(page, 'simulated_oops')
  const canary = await firstThatFits(page, hosts, patches, 'r01')
  await keepPlan(page, {
    ...planOf(hosts, patches, ({ id }) => id === canary.id),
    waves: [
      { name: 'ten', share: { kind: 'count', hosts: 10 }, soakSeconds: 1 },
      { name: 'rack', share: { kind: 'label', key: 'rack', values: ['r01'] }, soakSeconds: 60 },
      { name: 'rest', share: { kind: 'rest' } },
    ],
    budget: { failures: 0, whenSpent: 'reverse' },
  })
  const { why, acts, stages, log } = partsOf(page)
  await act(page, acts.getByRole('button', { name: /^Start/ }), 'Start')
  await expect(why).toContainText(/^Undone/, { timeout: 90_000 })
  await expect(log).toContainText(`Since it was told, its kernel had an oops`)
  await expect(stages).toContainText(/undone1[01]/)
  await auditAll(page, 'a rollout that undid itself')
  expect(complaints).toEqual([])
})

test('the canary stalls, the rollout pauses, is undone, and goes on without it to the end', async ({ page }) => {
  test.setTimeout(240_000)
  const complaints = complaintsOf(page)
  await page.setViewportSize({ width: 1440, height: 900 })
  await signIn(page, program)
  const hosts = await fleet(page)
  expect(new Set(hosts.flatMap(({ providers }) => providers)).size).toBeGreaterThanOrEqual(6)
  const patches = await filesCalled(page, 'simulated_stall')
  const canary = await firstThatFits(page, hosts, patches, 'r02')
  await keepPlan(page, {
    ...planOf(hosts, patches, ({ id }) => id === canary.id),
    waves: [
      { name: 'canary', share: { kind: 'label', key: 'rack', values: ['r02'] } },
      { name: 'ten', share: { kind: 'count', hosts: 10 }, soakSeconds: 2 },
      { name: 'half', share: { kind: 'percent', percent: 50 }, soakSeconds: 2 },
      { name: 'rest', share: { kind: 'rest' } },
    ],
  })

  const { why, acts, stages, log } = partsOf(page)
  await act(page, acts.getByRole('button', { name: /^Start/ }), 'Start')
  await expect(why).toContainText(`Paused by itself: ${canary.name} has waited`, { timeout: 60_000 })
  await expect(why).toContainText('atop in meminfo_proc_show')
  await expect(page).toHaveTitle(/^Paused/)
  await expect(stages).toContainText('stalled1')
  await auditAll(page, 'a rollout that paused by itself')
  await page.setViewportSize({ width: 1440, height: 900 })

  await act(page, acts.getByRole('button', { name: /^Reverse/ }), 'Reverse', async (dialog) => {
    await dialog.getByLabel('Undo from this wave on').selectOption({ index: 0 })
    await dialog.getByLabel('It pauses').check()
    await dialog.getByLabel('Type 1 to go on').fill('1')
  })
  await expect(stages).toContainText('undone1', { timeout: 60_000 })
  await expect(why).toContainText('Paused')
  await page.getByRole('listbox', { name: 'Hosts of wave 1, canary' }).focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('Enter')
  const host = page.getByRole('dialog', { name: canary.name })
  await act(page, host.getByRole('button', { name: 'Leave it out…' }), 'Leave a host out')
  await act(page, acts.getByRole('button', { name: /^Resume/ }), 'Resume')
  await expect(why).toContainText(/^Done: \d+ done, /, { timeout: 120_000 })
  for (const sentence of ['canary is done', 'ten is done', 'half is done', 'rest is done']) {
    await expect(log).toContainText(sentence)
  }
  const { counts } = await ask(page, `/rollouts/${page.url().slice(-36)}`, {})
  expect(counts.done, 'most hosts that can be live patched').toBeGreaterThan(40)
  expect([counts.stalled, counts.failed, counts.refused]).toEqual([undefined, undefined, undefined])
  const { items } = await ask(page, '/hosts', { filter: `name:${canary.name}`, limit: '1' })
  const left = items[0].patches.find(({ name }: { name: string }) => name === 'simulated_stall')
  expect(left?.state ?? 'disabled', 'what is left of it on the canary').toBe('disabled')
  expect(complaints).toEqual([])
})

/** A host of the rack on which the change can be made now, to which nothing else happens. */
const firstThatFits = async (page: Page, hosts: readonly Listed[], patches: readonly string[], rack: string) => {
  const plan = {
    ...{ version: 1, name: 'who can', ...planOf(hosts, patches, () => true) },
    waves: [{ name: 'all', share: { kind: 'rest' } }],
  }
  const headers = { Origin: program.address }
  const answer = await page.request.post(`${program.address}/api/v1/rollouts/preview`, { data: { plan }, headers })
  const going = new Set((await answer.json()).waves[0].hosts.map(({ id }: { id: string }) => id))
  const found = hosts.find((host) => host.labels.rack === rack && going.has(host.id))
  if (found === undefined) throw new Error(`no host of rack ${rack} can take it`)
  return found
}
