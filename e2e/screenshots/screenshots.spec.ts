// Goal: the pictures of the documents show the program as it is. Method: the whole program, recorded kernels, and a wait
// for the moment that each picture is about, asked of the API.
import type { Page } from '@playwright/test'
import type { FleetSummary } from '@rebootless/shared/contract/fleet.ts'
import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import type { RedirectionMap } from '@rebootless/shared/contract/host-redirections.ts'
import type { HostTransition } from '@rebootless/shared/contract/host-transition.ts'
import { startProgram } from '../program.ts'
import { PASSWORD, story } from '../stories/story.ts'
import { MOMENT_MS, moment, take } from './take.ts'

const HOSTS = 32
const DESK = { width: 1440, height: 900 }
const PHONE = { width: 390, height: 844 }
const picture = story.extend<object, { program: Awaited<ReturnType<typeof startProgram>> }>({
  program: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright finds out what a fixture needs from this pattern
    async ({}, use) => {
      const program = await startProgram({ REBOOTLESS_ADMIN_PASSWORD: PASSWORD, REBOOTLESS_RECORDED_HOSTS: `${HOSTS}` })
      await use(program)
      await program.remove()
    },
    { scope: 'worker', timeout: 120_000 },
  ],
})
picture.use({ viewport: DESK, contextOptions: { reducedMotion: 'reduce' } })
picture.setTimeout(MOMENT_MS * 3)

/** All have enrolled and been read once; a program that has just started is still at it. */
picture.beforeEach(async ({ signedIn: page }) => {
  await moment<FleetSummary>(page, '/fleet/summary', ({ total, byState }) => total === HOSTS + 1 && !byState.stale)
})

const isTelling = ({ byState, transitions }: FleetSummary): boolean =>
  (byState.stalled ?? 0) >= 3 && (byState.patched ?? 0) >= 8 && transitions.hosts >= 5

const tellingFleet = (page: Page) => () => moment<FleetSummary>(page, '/fleet/summary', isTelling)

picture('fleet', async ({ signedIn: page }) => {
  await page.goto('/')
  await take(page, 'fleet', tellingFleet(page), page.getByText('holds a transition back').first())
})

picture('hosts', async ({ signedIn: page }) => {
  const comes = async () => {
    await tellingFleet(page)()
    await page.goto('/hosts')
  }
  await take(page, 'hosts', comes, page.getByRole('table', { name: 'Hosts' }).getByText('Stalled').nth(2))
})

picture('a stalled transition', async ({ signedIn: page, hostId }) => {
  const id = await hostId('stall-killable-7.3.4-deb13')
  await page.goto(`/hosts/${id}?tab=transition`)
  const comes = () =>
    moment<HostTransition>(
      page,
      `/hosts/${id}/transition`,
      ({ transition }) => transition?.stalled === true && transition.endedAt === null,
    )
  await take(page, 'host-transition', comes, page.getByText('patched, holds the task'))
})

picture('functions in the middle of a replacement, two replacements deep', async ({ signedIn: page, hostId }) => {
  const id = await hostId('replace-stalled-6.12')
  await page.goto(`/hosts/${id}?tab=functions&function=${encodeURIComponent('vmlinux,cmdline_proc_show,1')}`)
  const comes = () =>
    moment<RedirectionMap>(page, `/hosts/${id}/redirections`, ({ tasks, objects }) =>
      objects.some(({ functions }) =>
        functions.some(({ entries }) => tasks !== null && entries.filter(({ share }) => (share ?? 0) > 0).length >= 2),
      ),
    )
  await take(page, 'host-functions', comes, page.getByText('Why two at once'))
})

picture('patches', async ({ signedIn: page, hostId }) => {
  const id = await hostId('replace-stalled-6.12')
  await page.goto(`/hosts/${id}`)
  const comes = () =>
    moment<HostDetail>(page, `/hosts/${id}`, ({ state, stack }) => state === 'stalled' && stack.length === 3)
  await take(page, 'host-patches', comes, page.getByText('Patching, stalled'))
})

picture('the Lab', async ({ signedIn: page }) => {
  await page.goto('/lab?load=asleep_in_function&sleepers=3&at=1500000')
  await take(page, 'lab', () => Promise.resolve(), page.getByText('tail').first())
})

picture('a phone', async ({ signedIn: page }) => {
  await page.setViewportSize(PHONE)
  await page.goto('/')
  await take(page, 'phone', tellingFleet(page), page.getByText('holds a transition back').first())
})
