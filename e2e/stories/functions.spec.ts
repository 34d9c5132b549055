// Goal: what calls what now, as a picture and as its table. Method: a recorded cumulative replace.
import { expect } from '@playwright/test'
import { story } from './story.ts'

story(
  'the redirection map shows each function, its replacement and that ftrace confirms it',
  async ({ signedIn: page, hostId }) => {
    const id = await hostId('replace-stalled')
    await page.goto(`/hosts/${id}?tab=functions`)
    const picture = page.getByRole('main').getByRole('img').first()
    // At the loop's seam the stack is empty for a moment.
    await expect(picture).toBeVisible({ timeout: 30_000 })

    await page.getByRole('group', { name: 'Show as' }).getByText('Table', { exact: true }).click()
    await expect(page.getByRole('radio', { name: 'Table' })).toBeChecked()
    await expect(page).toHaveURL(/view=table/)
    await expect(picture).toBeHidden()
    const table = page.getByRole('region', { name: 'Functions and what their calls reach' }).getByRole('table')
    const row = table.getByRole('row', { name: /lpt_wait_killable/ }).first()
    await expect(row).toContainText('lp_replace_killable', { timeout: 60_000 })
    await expect(row).toContainText('confirmed')

    const answer = await page.request.get(`/api/v1/hosts/${id}/redirections`)
    const map = await answer.json()
    expect(map.objects.flatMap((one: { functions: unknown[] }) => one.functions)).toHaveLength(map.functionCount)
  },
)
