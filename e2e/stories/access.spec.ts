// Goal: every page can be read by everyone, in both themes. Method: axe on each, with what WCAG 2.2 AA asks.
import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'
import { complaintsOf, story } from './story.ts'

const audit = async (page: Page) => {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
}

for (const colorScheme of ['light', 'dark'] as const) {
  story(
    `T03 axe and the content security policy find nothing on any page, ${colorScheme}`,
    async ({ signedIn: page, hostId }) => {
      story.setTimeout(180_000)
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      const stalled = await hostId('stall-killable')
      const replaced = await hostId('replace-stalled')
      for (const [path, ready] of [
        ['/', /Needs someone/],
        ['/hosts', /recorded-/],
        ['/hosts?filter=name:nobody', /name:nobody|No host/],
        ['/hosts?filter=sate:x', /sate/],
        [`/hosts/${stalled}`, /kernel's log/i],
        [`/hosts/${stalled}?tab=transition`, /lp_killable|No transition/],
        [`/hosts/${replaced}?tab=functions`, /map in figures|No function/i],
        [`/hosts/${replaced}?tab=raw`, /sys\/kernel\/livepatch/],
        ['/no-such-page', /./],
      ] as const) {
        for (const width of [1440, 390]) {
          await page.setViewportSize({ width, height: 900 })
          await page.goto(path)
          await expect(page.getByRole('main')).toContainText(ready)
          expect(await audit(page), `${path} at ${width} px, ${colorScheme}`).toEqual([])
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
          expect(overflow, `${path} at ${width} px scrolls sideways`).toBeLessThanOrEqual(0)
        }
      }
    },
  )

  story(`axe finds nothing on the sign-in page, ${colorScheme}`, async ({ page, program }) => {
    const complaints = complaintsOf(page)
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.goto(program.address)
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
    expect(await audit(page)).toEqual([])
    expect(complaints).toEqual([])
  })
}
