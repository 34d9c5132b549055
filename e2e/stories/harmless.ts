import { expect, type Page } from '@playwright/test'
import { RAN } from '../hostile-snapshot.ts'
import { expectNoSidewaysScroll } from './story.ts'

/** Controls but tab and line feed, bidi marks and overrides, zero-width and tag characters, separators. */
export const UNSEEN = String.raw`[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]`

/** Nothing ran, nothing became an element, nothing unseen stands in text, title or attribute, nothing overflows. */
export const expectHarmless = async (page: Page): Promise<void> => {
  const found = await page.evaluate(`(() => {
    const markup = document.documentElement.outerHTML + document.title
    return {
      ran: window.${RAN},
      elements: document.querySelectorAll('img[src="x"], script:not([src]), [onerror], [onload], a[href^="javascript:"]').length,
      unseen: [...markup.matchAll(/.{0,40}${UNSEEN}.{0,20}/gu)].map((match) => JSON.stringify(match[0])).slice(0, 3),
    }
  })()`)
  expect(found, page.url()).toEqual({ ran: undefined, elements: 0, unseen: [] })
  await expectNoSidewaysScroll(page)
}

/** Opened wide, then made as narrow as a phone. */
export const expectHarmlessAt = async (page: Page, address: string, shown: RegExp): Promise<void> => {
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.goto(address)
  await expect(page.getByRole('main')).toContainText(shown)
  await expectHarmless(page)
  await page.setViewportSize({ width: 390, height: 900 })
  await expectHarmless(page)
}
