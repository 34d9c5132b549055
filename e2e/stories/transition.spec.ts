// Goal: somebody woken at three sees what holds a transition. Method: recorded kernels, replayed through the real agent.
import { expect } from '@playwright/test'
import { story } from './story.ts'

story(
  'a stalled transition names its task, unit and function, and says what can be done',
  async ({ signedIn: page, hostId }) => {
    await page.goto(`/hosts/${await hostId('stall-killable')}?tab=transition`)
    const task = page
      .getByRole('region', { name: 'Blocking tasks' })
      .getByRole('listitem')
      .filter({ has: page.getByRole('button', { name: /worker-3/ }) })
    const curve = page.getByRole('img', { name: /Curve of tasks still to switch.*worker-3/ })
    // The recording runs in a loop of some 45 s, most of which is one stall or another: all of it is looked at in one of them.
    await expect(async () => {
      const now = { timeout: 500 }
      await expect(task).toContainText('lpt_wait_killable', now)
      await expect(task).toContainText('db-writer.service', now)
      await expect(task).toContainText('patched, holds the task', now)
      await expect(task).toContainText('Cannot help', now)
      await expect(page.getByRole('main')).toContainText('Stalled for', now)
      await expect(curve).toBeVisible(now)
    }).toPass({ timeout: 75_000 })
  },
)

story('a transition that ends does so on the page, without a reload', async ({ signedIn: page, hostId }) => {
  await page.goto(`/hosts/${await hostId('load-module-object')}`)
  const heading = page.getByRole('main')
  await expect(heading).toContainText(/Exposed for|Patching for/, { timeout: 60_000 })
  await expect(heading).toContainText(/Patched for/, { timeout: 60_000 })
})
