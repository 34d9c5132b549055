import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'
import { expectNoSidewaysScroll } from './story.ts'

const audit = async (page: Page, rules?: readonly string[]): Promise<string[]> => {
  // Legacy is without a second page, in which axe would put together the findings of frames: here there are none.
  // Without result types axe writes a selector for each element that passes, which is most of its work.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] })
  if (rules === undefined) axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
  else axe.withRules([...rules])
  const { violations } = await axe.analyze()
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
  )
}

const AS_SEEN = [
  [1440, 'light'],
  [1440, 'dark'],
  [390, 'dark'],
  [390, 'light'],
] as const
/** Those with all rules; the other theme of each width gets only the rules that colours can break. */
const WHOLE = [true, false, true, false]
const COLOURS = ['color-contrast', 'link-in-text-block']

/** The same for a place in each run, whatever the ids in its address. */
const shareOf = (where: string): number => {
  const letters = where.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'id')
  return [...letters].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % AS_SEEN.length
}

/**
 * `STORY_AUDITS=all`, as CI sets it: all rules at both widths, and in the other theme of each those that colours can break.
 * Else all rules once, at a width and in a theme that the place's name decides, so that a run has some of each.
 */
export const auditAll = async (page: Page, where: string): Promise<void> => {
  for (const [index, [width, colorScheme]] of AS_SEEN.entries()) {
    await page.setViewportSize({ width, height: 900 })
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const all = process.env.STORY_AUDITS === 'all'
    if (all || shareOf(where) === index) {
      const rules = all && !WHOLE[index] ? COLOURS : undefined
      expect(await audit(page, rules), `${where} at ${width} px, ${colorScheme}`).toEqual([])
    }
    if (WHOLE[index]) await expectNoSidewaysScroll(page)
  }
}
