// Goal: five systems side by side on one simulated machine; a link shows everybody the same, by eye, key and ear.
// Method: links opened twice, keys alone, the table twin. (Axe looks at it with all pages: access.spec.ts.)
import { expect, type Page } from '@playwright/test'
import { story } from './story.ts'

const LINK = '/lab?load=web_server&tasks=60&cpus=2&sleepers=1&functions=1&seed=815&seconds=20&at=3000000'
const SYSTEMS = ['Ksplice', 'KernelCare', 'kpatch', 'kGraft', 'livepatch 4.0 – 4.11', 'livepatch since 4.12']

story.use({ contextOptions: { reducedMotion: 'reduce' } })

/** Opens a link and waits until all six are computed. */
const open = async (page: Page, link: string): Promise<void> => {
  await page.goto(link)
  await expect(page.getByRole('button', { name: 'Play' })).toBeEnabled()
}

const clock = (page: Page) => page.getByRole('slider', { name: 'Time after the patch was applied' })

const table = (page: Page) => page.getByRole('region', { name: 'What came of it, by system' }).getByRole('table')

story('a link shows the same numbers each time, and another seed others', async ({ signedIn: page }) => {
  const numbers = async (link: string) => {
    await open(page, link)
    const rows = await table(page).getByRole('row').allTextContents()
    const tasks = await page.getByRole('region', { name: 'When each task goes over, by system' }).textContent()
    return { rows, tasks }
  }
  const first = await numbers(`${LINK}&view=table`)
  expect(first.rows).toHaveLength(SYSTEMS.length + 1)
  for (const [index, system] of SYSTEMS.entries()) expect(first.rows[index + 1]).toContain(system)
  expect(await numbers(`${LINK}&view=table`)).toEqual(first)
  expect((await numbers(`${LINK.replace('seed=815', 'seed=816')}&view=table`)).tasks).not.toBe(first.tasks)
})

story('the pictures say what the table says', async ({ signedIn: page }) => {
  await open(page, LINK)
  const livepatch = page.getByRole('region', { name: 'livepatch since 4.12' })
  await expect(livepatch.getByText('No stop')).toBeVisible()
  await expect(livepatch.getByText(/^\d+ of 60 on new code$/)).toBeVisible()
  const said = await livepatch.getByRole('img', { name: /^livepatch since 4\.12: / }).getAttribute('aria-label')
  const done = said?.match(/Done at (\S+\ss)/)?.[1]
  await page.keyboard.press('m')
  await expect(page).toHaveURL(/view=table/)
  await expect(table(page).getByRole('row', { name: /livepatch since 4\.12/ })).toContainText(done ?? 'no number')
})

story('keys play, step, scrub, look closer, choose a system and go through the tasks', async ({ signedIn: page }) => {
  await open(page, LINK)
  await page.getByRole('main').focus()
  await expect(clock(page)).toHaveAttribute('aria-valuetext', /3\.00\ss/)

  await page.keyboard.press('Home')
  await expect(clock(page)).toHaveAttribute('aria-valuetext', /^0\ss$/)
  await page.keyboard.press('ArrowRight')
  const firstEvent = await clock(page).getAttribute('aria-valuetext')
  await page.keyboard.press('ArrowRight')
  await expect(clock(page)).not.toHaveAttribute('aria-valuetext', firstEvent ?? '')
  await page.keyboard.press('ArrowLeft')
  await expect(clock(page)).toHaveAttribute('aria-valuetext', firstEvent ?? '')
  await page.keyboard.press('End')
  await expect(clock(page)).toHaveAttribute('aria-valuetext', /20\.0\ss/)
  await expect(page).toHaveURL(/at=20000000/)

  await page.keyboard.press('Home')
  await page.keyboard.press(' ')
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible()
  await page.keyboard.press(' ')
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible()
  await expect(page).toHaveURL(/at=\d+/)

  await page.keyboard.press('+')
  await expect(page).toHaveURL(/zoom=1/)
  await page.keyboard.press('l')
  await expect(page.getByRole('radio', { name: 'Even' })).toBeChecked()
  await page.keyboard.press('3')
  await expect(page.getByRole('button', { name: 'kpatch', exact: true })).toHaveAttribute('aria-pressed', 'true')
  await page.keyboard.press('j')
  const panel = page.getByRole('region', { name: /^\S+ \d+$/ })
  await expect(panel).toContainText('Now it')
  const first = await panel.getByRole('heading').textContent()
  await page.keyboard.press('j')
  await expect(panel.getByRole('heading')).not.toHaveText(first ?? '')
  await page.keyboard.press('k')
  await expect(panel.getByRole('heading')).toHaveText(first ?? '')
})

story('a listener hears what the clock passes', async ({ signedIn: page }) => {
  await open(page, `${LINK.replace('at=3000000', 'at=900000')}&speed=1&system=ksplice`)
  await page.keyboard.press(' ')
  await expect(page.locator('[aria-live="polite"]').getByText(/Ksplice: stopped .+ at \d/)).toBeAttached()
})

story('what a link says wrongly is corrected, and said', async ({ signedIn: page }) => {
  await open(page, '/lab?tasks=60&cpus=900&seed=abc&seconds=5')
  const said = page.getByRole('alert')
  await expect(said).toContainText('CPUs: 900 is more than 64; 64 is used.')
  await expect(said).toContainText('Seed: “abc” is not a whole number; 4711 is used.')
  await page.getByRole('spinbutton', { name: 'CPUs' }).fill('2')
  await page.getByRole('spinbutton', { name: 'Seed' }).fill('7')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/cpus=2&.*seed=7|seed=7&.*cpus=2/)
  await expect(said).toBeHidden()
})

story('the sweep grows point by point, can be cancelled, and has a table', async ({ signedIn: page }) => {
  await open(page, `${LINK}&sweep=tasks`)
  const sweep = page.getByRole('region', { name: 'The sweep' })
  await expect(sweep.getByText(/^\d+ of 42 points$/)).toBeVisible()
  await sweep.getByRole('button', { name: 'Cancel' }).click()
  await expect(sweep.getByText(/^Cancelled at \d+ of/)).toBeVisible()
  await expect(sweep.getByRole('button', { name: 'Run again' })).toBeVisible()
  await sweep.getByText('Functions', { exact: true }).click()
  await expect(page).toHaveURL(/sweep=functions/)
  await expect(sweep.getByRole('progressbar')).toBeHidden({ timeout: 60_000 })
  await expect(sweep.getByRole('img', { name: /^Longest stop by number of patched functions/ })).toBeVisible()
  await page.keyboard.press('m')
  const rows = page.getByRole('region', { name: 'Points of the sweep' }).getByRole('row')
  await expect(rows).toHaveCount(49)
})

story('the page comes by the rail’s key, and says that it is simulated', async ({ signedIn: page }) => {
  await page.goto('/hosts')
  await expect(page.getByRole('heading', { level: 1, name: 'Hosts' })).toBeVisible()
  await page.keyboard.press('g')
  await page.keyboard.press('l')
  await expect(page).toHaveURL(/\/lab/)
  await expect(page.getByRole('heading', { level: 1, name: 'Lab' })).toBeVisible()
  await expect(page.getByText('Simulated', { exact: true })).toBeVisible()
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog')).toContainText('Lab: play or pause')
})
