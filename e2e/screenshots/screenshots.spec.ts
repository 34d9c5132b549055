// Goal: the pictures of the documents show the program as it is. Method: the whole program, recorded kernels, and a wait
// for the moment that each picture is about, asked of the API.
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, type Page } from '@playwright/test'
import type { FleetSummary } from '@rebootless/shared/contract/fleet.ts'
import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import type { RedirectionMap } from '@rebootless/shared/contract/host-redirections.ts'
import type { HostTransition } from '@rebootless/shared/contract/host-transition.ts'
import { startProgram } from '../program.ts'
import { PASSWORD, story } from '../stories/story.ts'

const folder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../docs/pictures')
const BYTES_MAX = 300 * 1024
const HOSTS = 48
const DESK = { width: 1440, height: 900 }
const PHONE = { width: 390, height: 844 }
/** A recording runs in a loop of some 30 to 50 s, so its moment comes within two of them. */
const MOMENT_MS = 120_000

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
picture.setTimeout(MOMENT_MS * 2)

/** Resolves once the API's answer is the moment that the picture is about. */
const moment = async <Answer>(page: Page, address: string, is: (answer: Answer) => boolean): Promise<void> => {
  await expect
    .poll(async () => is(await (await page.request.get(`/api/v1${address}`)).json()), {
      timeout: MOMENT_MS,
      intervals: [100],
      message: `the moment for a picture from ${address}`,
    })
    .toBe(true)
}

/** The page as it stands, in both themes, one right after the other. */
const take = async (page: Page, name: string): Promise<void> => {
  await page.evaluate('document.fonts.ready')
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    const file = path.join(folder, `${name}-${colorScheme}.png`)
    await page.screenshot({ path: file, scale: 'css' })
    expect((await stat(file)).size, file).toBeLessThan(BYTES_MAX)
  }
}

/** All have enrolled and been read once; a program that has just started is still at it. */
picture.beforeEach(async ({ signedIn: page }) => {
  await moment<FleetSummary>(page, '/fleet/summary', ({ total, byState }) => total === HOSTS + 1 && !byState.stale)
})

const isTelling = ({ byState, transitions }: FleetSummary): boolean =>
  (byState.stalled ?? 0) >= 4 && (byState.patched ?? 0) >= 10 && (byState.patching ?? 0) >= 1 && transitions.hosts >= 6

picture('fleet', async ({ signedIn: page }) => {
  await page.goto('/')
  await moment<FleetSummary>(page, '/fleet/summary', isTelling)
  await expect(page.getByRole('list', { name: 'Hosts by state' })).toBeVisible()
  await take(page, 'fleet')
})

picture('hosts', async ({ signedIn: page }) => {
  await moment<FleetSummary>(page, '/fleet/summary', isTelling)
  await page.goto('/hosts')
  await expect(page.getByRole('table', { name: 'Hosts' }).getByText('Stalled').first()).toBeVisible()
  await take(page, 'hosts')
})

picture('a stalled transition', async ({ signedIn: page, hostId }) => {
  const id = await hostId('stall-killable-7.3.4-deb13')
  await page.goto(`/hosts/${id}?tab=transition`)
  await moment<HostTransition>(
    page,
    `/hosts/${id}/transition`,
    ({ transition }) => transition?.stalled === true && transition.endedAt === null && transition.samples.length >= 4,
  )
  await expect(page.getByText('patched, holds the task')).toBeVisible()
  await take(page, 'host-transition')
})

picture('functions in the middle of a replacement, two replacements deep', async ({ signedIn: page, hostId }) => {
  const id = await hostId('replace-stalled-6.12')
  await page.goto(`/hosts/${id}?tab=functions&function=${encodeURIComponent('vmlinux,cmdline_proc_show,1')}`)
  await moment<RedirectionMap>(page, `/hosts/${id}/redirections`, ({ tasks, objects }) =>
    objects.some(({ functions }) =>
      functions.some(({ entries }) => tasks !== null && entries.filter(({ share }) => (share ?? 0) > 0).length >= 2),
    ),
  )
  await expect(page.getByRole('img', { name: /Redirection map.* 3 patches/ })).toBeVisible()
  await take(page, 'host-functions')
})

picture('patches', async ({ signedIn: page, hostId }) => {
  const id = await hostId('replace-stalled-6.12')
  await page.goto(`/hosts/${id}`)
  await moment<HostDetail>(page, `/hosts/${id}`, ({ state, stack }) => state === 'stalled' && stack.length === 3)
  await expect(page.getByText('Patching, stalled')).toBeVisible()
  await take(page, 'host-patches')
})

picture('a phone', async ({ signedIn: page }) => {
  await page.setViewportSize(PHONE)
  await page.goto('/')
  await moment<FleetSummary>(page, '/fleet/summary', isTelling)
  await expect(page.getByRole('list', { name: 'Hosts by state' })).toBeVisible()
  await take(page, 'phone')
})
