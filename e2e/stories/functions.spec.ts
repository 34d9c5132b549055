// Goal: what calls what now, as a picture and as its table. Method: a recorded cumulative replace.
import { expect } from '@playwright/test'
import { story } from './story.ts'

story(
  'the redirection map shows each function, its replacement and that ftrace confirms it',
  async ({ signedIn: page, hostId }) => {
    const id = await hostId('replace-stalled')
    await page.goto(`/hosts/${id}?tab=functions`)
    await expect(page.getByRole('application').or(page.getByRole('img')).first()).toBeVisible()

    await page.getByRole('button', { name: 'Table' }).click()
    const table = page.getByRole('table', { name: 'Functions and what their calls reach' })
    await expect(table.getByRole('row', { name: /cmdline_proc_show/ }).first()).toBeVisible({ timeout: 60_000 })
    await expect(table).toContainText(/lp_(simple|replace_killable)/)

    const answer = await page.request.get(`/api/v1/hosts/${id}/redirections`)
    const map = await answer.json()
    expect(map.functionCount).toBeGreaterThan(0)
    expect(map.objects.flatMap((one: { functions: unknown[] }) => one.functions)).toHaveLength(map.functionCount)
  },
)
