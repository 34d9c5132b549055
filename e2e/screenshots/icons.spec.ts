// Goal: the icons of the installed page are those that icon.svg draws. Method: a browser draws it at each size; `npm run screenshots`
// writes them anew. The mark keeps to the middle three fifths, which every mask leaves (W3C, "Web Application Manifest", maskable).
import { readFile } from 'node:fs/promises'
import { expect, test } from '@playwright/test'

const FOLDER = 'web/public/icons'

for (const size of [180, 192, 512]) {
  test(`icon of ${size} px`, async ({ page }) => {
    const drawing = (await readFile(`${FOLDER}/icon.svg`)).toString('base64')
    await page.setViewportSize({ width: size, height: size })
    await page.setContent(
      `<body style="margin:0"><img alt="" width="${size}" height="${size}" style="display:block" src="data:image/svg+xml;base64,${drawing}">`,
    )
    await expect(page.locator('img')).toHaveJSProperty('complete', true)
    await page.screenshot({ path: `${FOLDER}/icon-${size}.png` })
  })
}
