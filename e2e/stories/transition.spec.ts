// Goal: somebody woken at three sees what holds a transition. Method: recorded kernels, replayed through the real agent.
import { expect } from '@playwright/test'
import { story } from './story.ts'

story(
  'a stalled transition names its task, unit and function, and says what can be done',
  async ({ signedIn: page, hostId }) => {
    await page.goto(`/hosts/${await hostId('stall-killable')}?tab=transition`)
    // The recording runs in a loop of some 45 s, most of which is the stall.
    const task = page.getByRole('row', { name: /worker-3/ })
    await expect(task).toBeVisible({ timeout: 60_000 })
    await expect(task).toContainText('lpt_wait_killable')
    await expect(task).toContainText('db-writer.service')
    await expect(page.getByText(/patched, holds the task/)).toBeVisible()
    await expect(page.getByText('Cannot help')).toBeVisible()
  },
)

story('a transition that ends does so on the page, without a reload', async ({ signedIn: page, hostId }) => {
  await page.goto(`/hosts/${await hostId('load-module-object')}`)
  const heading = page.getByRole('main')
  await expect(heading).toContainText(/Exposed|Patching/, { timeout: 60_000 })
  await expect(heading).toContainText(/Patched/, { timeout: 60_000 })
})
