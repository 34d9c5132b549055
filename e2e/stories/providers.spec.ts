// Goal: whoever has a fleet of five systems finds the hosts of each, and reads of one what the system lets be known and
// what it keeps to itself. Method: the whole program with its sixty simulated hosts, whose tools are stand-ins that print
// what the vendors' documents show; a browser, by keyboard where a person would. Plain livepatch also by a recording.
import { expect, type Locator, type Page } from '@playwright/test'
import type { Condition, FleetKind } from '@rebootless/server/sim/fleet/fleet-mix.ts'
import { type HostPlan, hostPlan } from '@rebootless/server/sim/fleet/host-plan.ts'
import type { ToolTrouble } from '@rebootless/server/sim/fleet/tool-trouble.ts'
import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import { startProgram } from '../program.ts'
import { PASSWORD, story } from './story.ts'

const SEED = 20
const HOSTS = 60

const fleet = story.extend<object, { program: Awaited<ReturnType<typeof startProgram>> }>({
  program: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright finds out what a fixture needs from this pattern
    async ({}, use) => {
      const program = await startProgram({
        ...{ REBOOTLESS_ADMIN_PASSWORD: PASSWORD, REBOOTLESS_SIMULATED_HOSTS: `${HOSTS}` },
        REBOOTLESS_SIMULATION_SEED: `${SEED}`,
      })
      await use(program)
      await program.remove()
    },
    { scope: 'worker', timeout: 180_000 },
  ],
})
fleet.setTimeout(240_000)
/** An upgrade of a stand-in takes a while, and the next one comes some minutes later at most. */
const ROUND_MS = 150_000

const PLANS = Array.from({ length: HOSTS }, (_, index) => hostPlan(SEED, index))
const plansOf = (kind: FleetKind) => PLANS.filter((plan) => plan.kind === kind)
const namesOf = (kind: FleetKind): string[] => plansOf(kind).map(({ name }) => name)
const oneOf = (kind: FleetKind, condition: Condition): HostPlan => {
  const plan = plansOf(kind).find((one) => one.condition === condition)
  if (plan === undefined) throw new Error(`no host of kind ${kind} is ${condition}`)
  return plan
}

const detailOf = async (page: Page, id: string): Promise<HostDetail> =>
  (await page.request.get(`/api/v1/hosts/${id}`)).json()

/** Types the filter as a person does, and waits for just these hosts. Returns the address, which shows the same again. */
const find = async (page: Page, filter: string, names: readonly string[]): Promise<string> => {
  await page.goto('/hosts')
  const links = page.getByRole('table', { name: 'Hosts' }).getByRole('link')
  await expect(links.first()).toBeVisible({ timeout: 60_000 })
  await page.keyboard.press('/')
  await page.keyboard.type(`${filter} origin:simulated`)
  await page.keyboard.press('Enter')
  // The first story may come before all have enrolled and their tools have been read.
  await expect(async () => {
    await page.reload()
    await expect(links).toHaveCount(names.length, { timeout: 3_000 })
  }).toPass({ timeout: 90_000 })
  expect((await links.allTextContents()).sort()).toEqual([...names].sort())
  return page.url()
}

/** Opens one host of the list, and returns its id. */
const open = async (page: Page, list: string, name: string): Promise<string> => {
  await page.goto(list)
  await page.getByRole('table', { name: 'Hosts' }).getByRole('link', { name }).click()
  await expect(page.getByRole('heading', { name, level: 2 })).toBeVisible()
  return new URL(page.url()).pathname.split('/').at(-1) ?? ''
}

/** Of the dl at the page's head: what stands under one of its words. */
const headerFact = (page: Page, word: string) =>
  page.getByRole('main').getByRole('term').filter({ hasText: word }).first().locator('..')

const tab = async (page: Page, word: 'Functions' | 'Provider' | 'Transition'): Promise<void> =>
  page.getByRole('navigation', { name: 'This host' }).getByRole('link', { name: word }).click()

/** Header and tab tell the same effective kernel as the API, or plainly that none is told. */
const readEffectiveKernel = async (page: Page, id: string): Promise<string | null> => {
  const { effectiveKernel } = await detailOf(page, id)
  await expect(headerFact(page, 'Effective kernel')).toContainText(effectiveKernel ?? 'not told')
  return effectiveKernel
}

interface SystemStory {
  /** The heading of its part of the tab. */
  readonly title: string
  readonly filter: string
  readonly kinds: readonly FleetKind[]
  /** The kind of which one is read. */
  readonly kind: FleetKind
  readonly effective: boolean
  readonly functions: (page: Page) => Locator
  readonly hidden: string
  /** What its part of the tab says while a patch goes in. */
  readonly progress: RegExp
  /** What a host of it shows that lacks what its vendor offers. */
  readonly behind: RegExp
}

const heading = (name: RegExp) => (page: Page) => page.getByRole('heading', { name })
const map = (page: Page) => page.getByText('The map in figures', { exact: false })

const SYSTEMS: readonly SystemStory[] = [
  {
    ...{ title: 'Ksplice (Uptrack)', filter: 'provider:ksplice', kinds: ['ksplice'], kind: 'ksplice', effective: true },
    ...{ functions: heading(/^Ksplice does not show its functions$/), behind: /\d+ steps? in this order/ },
    progress: /At work now|In its way/,
    hidden: 'Ksplice does not say which functions an update replaces.',
  },
  {
    ...{
      title: 'KernelCare',
      filter: 'provider:kernelcare',
      kinds: ['kernelcare'],
      kind: 'kernelcare',
      effective: true,
    },
    ...{ functions: heading(/^KernelCare does not show its functions$/), behind: /Newer patches exist|Not known/ },
    progress: /nor does it tell that it is at work/,
    hidden: 'KernelCare does not say which functions a patch set replaces.',
  },
  {
    ...{ title: 'kpatch', filter: 'provider:kpatch', kinds: ['kpatch', 'amazon', 'kpatch_core'], kind: 'kpatch' },
    ...{ effective: false, functions: map, behind: /1 step1Install|\d+ steps in this order/ },
    hidden: 'kpatch has no such notion.',
    progress: /At work now|Patching/,
  },
  {
    ...{ title: 'kGraft (kgr)', filter: 'provider:kgraft', kinds: ['kgraft'], kind: 'kgraft', effective: false },
    ...{ functions: heading(/^Functions that kGraft replaces$/), behind: /Not told: only zypper knows/ },
    progress: /At work now.*In its way/,
    hidden: 'kgr has no such notion.',
  },
]

/** What the tab says of a tool with this trouble. */
const TROUBLE_WORDS: Readonly<Record<ToolTrouble, RegExp>> = {
  ...{ expired: /expired/, not_registered: /not registered/, unreachable: /vendor not reached/ },
  ...{ daemon_down: /What went wrong/, time_out: /What went wrong/, crashes: /What went wrong/ },
}

for (const { title, filter, kinds, kind, effective, functions, progress, hidden, behind } of SYSTEMS)
  fleet(`${title}: its hosts are found, and what one tells is read`, async ({ signedIn: page }) => {
    const besides = PLANS.filter(({ beside }) => beside === kind).map(({ name }) => name)
    const hosts = await find(page, filter, [...kinds.flatMap(namesOf), ...besides])
    const article = page.getByRole('article', { name: title, exact: true })

    // First, since it ends: an upgrade that something is in the way of.
    const busy = await open(page, hosts, oneOf(kind, 'busy').name)
    await tab(page, 'Provider')
    await expect(article).toContainText(progress, { timeout: ROUND_MS })
    expect((await readEffectiveKernel(page, busy)) === null, 'no effective kernel is named').toBe(!effective)

    await open(page, hosts, oneOf(kind, 'up_to_date').name)
    await tab(page, 'Provider')
    await expect(article.getByRole('group', { name: 'Patches of the kernel' })).toContainText(/CVE-\d{4}-\d{4}/)
    await expect(article.getByRole('group', { name: 'What this system does not reveal' })).toContainText(hidden)
    await expect(article.getByRole('group', { name: 'What it said, word for word' })).toContainText(/\d characters/)
    await tab(page, 'Functions')
    await expect(functions(page)).toBeVisible()
    // kpatch's livepatches go in by transitions; the others work on kernels without livepatch.
    if (kind !== 'kpatch') {
      await tab(page, 'Transition')
      await expect(page.getByRole('heading', { name: /^This kernel has no livepatch/ })).toBeVisible()
    }

    await open(page, hosts, oneOf(kind, 'behind').name)
    await tab(page, 'Provider')
    await expect(article.getByRole('group', { name: 'Offered' })).toContainText(behind)

    const failing = oneOf(kind, 'tool_fails')
    await open(page, hosts, failing.name)
    await tab(page, 'Provider')
    await expect(article).toContainText(TROUBLE_WORDS[failing.trouble ?? 'crashes'])
  })

fleet(
  'a withdrawn update, and a second system that was left on, are told with what to do',
  async ({ signedIn: page }) => {
    const ksplice = await find(page, 'provider:ksplice -provider:kernelcare', namesOf('ksplice'))
    const { name, patches, withdrawn } = oneOf('ksplice', 'behind')
    const title = patches[withdrawn ?? -1]?.title ?? ''
    await open(page, ksplice, name)
    await expect(page.getByRole('main')).toContainText('its vendor has taken it back')
    await tab(page, 'Provider')
    const article = page.getByRole('article', { name: 'Ksplice (Uptrack)' })
    const patch = article.getByRole('group', { name: 'Patches of the kernel' }).getByRole('listitem')
    await expect(patch.filter({ hasText: title })).toContainText('withdrawn')
    const steps = article.getByRole('list', { name: 'Steps in their order' }).getByRole('listitem')
    await expect(steps.filter({ hasText: title })).toHaveText([/Remove/])

    const both = await find(page, 'provider:ksplice provider:kernelcare', [oneOf('kernelcare', 'behind').name])
    await open(page, both, oneOf('kernelcare', 'behind').name)
    await expect(page.getByRole('main')).toContainText('Switch KernelCare or Ksplice off')
    await tab(page, 'Provider')
    const note = page.getByRole('region', { name: 'Why do these disagree?' })
    await expect(note).toContainText('KernelCare and Ksplice')
    await expect(note).toContainText('neither can say what runs')
    await expect(page.getByRole('article', { name: 'KernelCare' })).toBeVisible()
    await expect(article).toContainText('in use')
  },
)

fleet('kpatch’s own core, from before livepatch, names its functions by its own files', async ({ signedIn: page }) => {
  const hosts = await find(page, 'provider:kpatch -provider:livepatch', namesOf('kpatch_core'))
  await open(page, hosts, oneOf('kpatch_core', 'up_to_date').name)
  await tab(page, 'Functions')
  await expect(page.getByRole('heading', { name: 'Functions that kpatch replaces' })).toBeVisible()
})

fleet(
  'livepatch: its hosts are found, and what sysfs tells and does not is read',
  async ({ signedIn: page, hostId }) => {
    // A Debian kernel takes livepatches, though nobody publishes any for it.
    const names = [...namesOf('livepatch'), ...namesOf('none')]
    const hosts = await find(page, 'provider:livepatch -provider:kpatch,klp,canonical', names)
    const id = await open(page, hosts, oneOf('livepatch', 'up_to_date').name)
    expect(await readEffectiveKernel(page, id)).toBeNull()
    await tab(page, 'Functions')
    await expect(map(page)).toBeVisible()
    await tab(page, 'Provider')
    const hidden = page
      .getByRole('article', { name: 'Linux livepatch' })
      .getByRole('group', { name: 'What this system does not reveal' })
    await expect(hidden).toContainText('A module does not say what it fixes.')
    await expect(hidden).toContainText('The kernel knows no vendor.')

    // In progress: a real kernel's transition, recorded.
    await page.goto(`/hosts/${await hostId('stall-killable-7.3.4-deb13')}?tab=transition`)
    await expect(page.getByRole('region', { name: 'Blocking tasks' }).getByRole('listitem').first()).toBeVisible({
      timeout: ROUND_MS,
    })
  },
)
