import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'
import { expectNoSidewaysScroll } from './story.ts'

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
export const auditAll = async (page: Page, where: string): Promise<void> => {
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
