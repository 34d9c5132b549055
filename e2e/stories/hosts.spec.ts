// Goal: finding hosts. Method: the filter bar and the address, as a person and as somebody who was sent a link.
import { expect } from '@playwright/test'
import { story } from './story.ts'

story(
  'a filter typed into the bar is in the address, and the address alone shows the same hosts',
  async ({ signedIn: page }) => {
    await page.goto('/hosts')
    await expect(page.getByRole('table', { name: 'Hosts' }).getByRole('row', { name: /idle/ })).toBeVisible()
    await page.keyboard.press('/')
    await page.keyboard.type('arch:s390x')
    await page.keyboard.press('Enter')
    await expect(page).toHaveURL(/filter=arch(:|%3A)s390x/)
    const rows = page.getByRole('table', { name: 'Hosts' }).getByRole('row', { name: /recorded-/ })
    await expect(rows).toHaveCount(1)
    await expect(rows).toContainText('s390x')

    await page.goto(page.url())
    await expect(rows).toHaveCount(1)
  },
)

story('an unknown filter key is refused with the keys that there are', async ({ signedIn: page }) => {
  await page.goto('/hosts?filter=sate:stalled')
  await expect(page.getByText(/sate/).first()).toBeVisible()
  await expect(page.getByText(/state/).first()).toBeVisible()
  const answer = await page.request.get('/api/v1/hosts?filter=sate:stalled')
  expect(answer.status()).toBe(400)
  expect(answer.headers()['content-type']).toContain('application/problem+json')
  expect((await answer.json()).detail).toMatch(/sate.*state/s)
})

story('a host that does not exist says so and leads back', async ({ signedIn: page }) => {
  await page.goto('/hosts/00000000-0000-4000-8000-000000000000')
  await expect(page.getByRole('main')).toContainText(/no (such )?host|not found|does not exist/i)
  await expect(page.getByRole('main').getByRole('link').first()).toBeVisible()
})
