import { stat } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, type Locator, type Page } from '@playwright/test'

const folder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../docs/pictures')
const BYTES_MAX = 300 * 1024
/** A recording runs in a loop of some 30 to 50 s, so its moment comes within two of them. */
export const MOMENT_MS = 120_000

/** Resolves once the API's answer is the moment that the picture is about. */
export const moment = async <Answer>(page: Page, address: string, is: (answer: Answer) => boolean): Promise<void> => {
  await expect
    .poll(async () => is(await (await page.request.get(`/api/v1${address}`)).json()), {
      timeout: MOMENT_MS,
      intervals: [100],
      message: `the moment for a picture from ${address}`,
    })
    .toBe(true)
}

/**
 * The page in both themes, each at a moment that lasts until its picture is taken: `comes` waits for it, `shows` is what
 * the page shows only then. A moment that went by too fast is waited for again.
 */
export const take = async (page: Page, name: string, comes: () => Promise<void>, shows: Locator): Promise<void> => {
  await page.evaluate('document.fonts.ready')
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    const file = path.join(folder, `${name}-${colorScheme}.png`)
    await expect(async () => {
      await comes()
      await expect(shows).toBeVisible({ timeout: 2_000 })
      await page.screenshot({ path: file, scale: 'css' })
      expect(await shows.isVisible(), `${name} still shows what it is about`).toBe(true)
    }).toPass({ timeout: MOMENT_MS, intervals: [100] })
    expect((await stat(file)).size, file).toBeLessThan(BYTES_MAX)
  }
}
