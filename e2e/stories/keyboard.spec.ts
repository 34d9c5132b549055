// Goal: hands on the keyboard suffice. Method: keys alone, from the fleet to a host and back.
import { expect } from '@playwright/test'
import { story } from './story.ts'

story('keys lead from page to page, and the palette to a host', async ({ signedIn: page }) => {
  await page.goto('/')
  await expect(page.getByRole('main')).toContainText('Needs someone')
  await page.keyboard.press('g')
  await page.keyboard.press('h')
  await expect(page).toHaveURL(/\/hosts/)
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('combobox', { name: 'Find or go' })).toBeFocused()
  await page.keyboard.type('s390x')
  await expect(page.getByRole('option', { name: /s390x/ }).first()).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/hosts\/[0-9a-f-]{36}/)
})
