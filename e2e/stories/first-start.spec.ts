// Goal: the first minute of a new user. Method: the program with nothing set, its printed link, a browser.
import { hostname } from 'node:os'
import { expect, test } from '@playwright/test'
import { startProgram } from '../program.ts'

test('the printed link signs in once and shows this machine beside the recorded kernels', async ({ page, browser }) => {
  const program = await startProgram()
  try {
    if (program.signInLink === undefined) throw new Error(`no link was printed:\n${program.output()}`)
    await page.goto(program.signInLink)
    await expect(page.getByRole('heading', { name: 'Fleet', exact: true }).first()).toBeVisible()
    expect(page.url()).not.toContain('token')

    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Hosts' }).first().click()
    const table = page.getByRole('table', { name: 'Hosts' })
    await expect(table.getByRole('row', { name: new RegExp(hostname()) })).toBeVisible()
    const recorded = table.getByRole('row', { name: /recorded-/ })
    // A host that comes while the table is read is told of, and shown when the reader says so.
    const news = page.getByRole('button', { name: /changes?, show/ })
    await expect(async () => {
      if (await news.isVisible()) await news.click()
      await expect(recorded).toHaveCount(9, { timeout: 500 })
    }).toPass({ timeout: 10_000 })
    for (const row of await recorded.all()) await expect(row.getByText('recorded', { exact: true })).toBeAttached()

    const second = await browser.newPage()
    await second.goto(program.signInLink)
    await expect(second.getByText('The link was not accepted.')).toBeVisible()
    await second.close()
  } finally {
    await program.remove()
  }
})
