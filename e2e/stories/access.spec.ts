// Goal: every page can be read by everyone, in both themes. Method: axe on each, with what WCAG 2.2 AA asks.
import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'
import { complaintsOf, expectNoSidewaysScroll, story } from './story.ts'

const audit = async (page: Page, rules?: readonly string[]): Promise<string[]> => {
  // Legacy is without a second page, in which axe would put together the findings of frames: here there are none.
  const axe = new AxeBuilder({ page }).setLegacyMode()
  if (rules === undefined) axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
  else axe.withRules([...rules])
  const { violations } = await axe.analyze()
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
  )
}

/** All rules at both widths; in the other theme of each only those that colours can break. */
const auditAll = async (page: Page, where: string): Promise<void> => {
  for (const [width, theme, other] of [
    [1440, 'light', 'dark'],
    [390, 'dark', 'light'],
  ] as const) {
    await page.setViewportSize({ width, height: 900 })
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    expect(await audit(page), `${where} at ${width} px, ${theme}`).toEqual([])
    await expectNoSidewaysScroll(page)
    await page.emulateMedia({ colorScheme: other, reducedMotion: 'reduce' })
    const colours = ['color-contrast', 'link-in-text-block']
    expect(await audit(page, colours), `${where} at ${width} px, ${other}`).toEqual([])
  }
}

story('T03 axe and the content security policy find nothing on any page', async ({ signedIn: page, hostId }) => {
  story.setTimeout(180_000)
  const stalled = await hostId('stall-killable')
  const replaced = await hostId('replace-stalled')
  for (const [path, ready] of [
    ['/', /Needs someone/],
    ['/?view=table', /Needs someone/],
    ['/hosts', /recorded-/],
    ['/hosts?filter=name:nobody', /No host matches/],
    ['/hosts?filter=sate:x', /sate/],
    [`/hosts/${stalled}`, /kernel's log/i],
    [`/hosts/${stalled}?tab=transition`, /Blocking tasks|No transition/],
    [`/hosts/${replaced}?tab=functions`, /map in figures|No function/i],
    [`/hosts/${replaced}?tab=functions&view=table`, /sympos|No function/i],
    [`/hosts/${replaced}?tab=raw`, /sys\/kernel\/livepatch/],
    ['/lab?tasks=60&seconds=20&at=3000000&task=3&system=kernelcare&seed=no', /Same patch, same machine/],
    ['/lab?tasks=60&seconds=20&at=3000000&task=3&sweep=sleepers&view=table', /When each task goes over/],
    ['/no-such-page', /./],
  ] as const) {
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.goto(path)
    await expect(page.getByRole('main')).toContainText(ready)
    await auditAll(page, path)
  }
})

story('axe finds nothing on the sign-in page', async ({ page, program }) => {
  const complaints = complaintsOf(page)
  await page.goto(program.address)
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await auditAll(page, 'sign-in')
  expect(complaints).toEqual([])
})
