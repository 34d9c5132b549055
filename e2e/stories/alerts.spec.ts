// Goal: whoever is on call sees what needs him, one row a cause, reads what to do, takes it up, writes down what was done, and silences
// it; another browser sees the same without a reload. Method: the whole program with recorded kernels, one of which was forced; a
// browser by keyboard at a desk, another of a phone's width.
import { expect, test } from '@playwright/test'
import { type Program, startProgram } from '../program.ts'
import { auditAll } from './audit.ts'
import { complaintsOf, expectNoSidewaysScroll, PASSWORD, signIn } from './story.ts'

let program: Program
test.beforeAll(async () => {
  program = await startProgram({ REBOOTLESS_ADMIN_PASSWORD: PASSWORD })
})
test.afterAll(() => program.remove())

test('an alert is found, understood, acknowledged and silenced by keyboard, and a phone sees it', async ({
  page,
  browser,
}) => {
  test.setTimeout(180_000)
  const complaints = complaintsOf(page)
  await page.setViewportSize({ width: 1440, height: 900 })
  await signIn(page, program)
  await page.goto(program.address)
  await expect(page.getByRole('heading', { name: 'Fleet', level: 1 })).toBeVisible()
  await page.keyboard.press('g')
  await page.keyboard.press('n')
  const rows = page.getByRole('list', { name: 'Alerts' }).getByRole('listitem')
  const forced = rows.filter({ hasText: /was forced/ }).first()
  await expect(forced).toContainText(/Ticket.*Firing/, { timeout: 60_000 })
  await auditAll(page, 'the alerts')
  await page.setViewportSize({ width: 1440, height: 900 })

  await forced.getByRole('link').focus()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/alerts\/[0-9a-f-]{36}$/)
  await expect(page.getByRole('region', { name: 'Runbook' })).toContainText('What not to do')
  await expect(page.getByRole('list', { name: 'Hosts' }).getByRole('link')).not.toHaveCount(0)
  const what = page.getByRole('region', { name: 'What is so' })

  const phone = await browser.newPage({ viewport: { width: 390, height: 844 } })
  await signIn(phone, program)
  await phone.goto(page.url())
  await expect(phone.getByRole('region', { name: 'What is so' })).toContainText('Firing')

  await what.getByRole('button', { name: 'Acknowledge…' }).press('Enter')
  await page.getByLabel('Note (optional)').fill('I am on it')
  await page.getByRole('button', { name: 'Acknowledge', exact: true }).press('Enter')
  await expect(what).toContainText('Acknowledged by admin')
  await expect(what).toContainText('I am on it')
  await expect(phone.getByRole('region', { name: 'What is so' })).toContainText('I am on it')
  await expectNoSidewaysScroll(phone)

  await what.getByRole('button', { name: 'Write down what was done…' }).press('Enter')
  await page.getByLabel('What was done').fill('rebooted it')
  await page.getByRole('button', { name: 'Write it down' }).press('Enter')
  await expect(what).toContainText('Done: rebooted it')

  await what.getByRole('button', { name: 'Silence this…' }).press('Enter')
  await page.getByLabel('Reason').fill('a recording')
  await page.getByRole('button', { name: 'Silence', exact: true }).press('Enter')
  const silences = async () => {
    const answer = await page.request.get(`${program.address}/api/v1/silences`)
    return (await answer.json()).items.map(({ reason }: { reason: string }) => reason)
  }
  await expect.poll(silences).toEqual(['a recording'])
  await expect(page.getByRole('list', { name: 'What happened, newest first' })).toContainText('It was acknowledged')
  await auditAll(page, 'an alert')
  await phone.close()

  await page.setViewportSize({ width: 1440, height: 900 })
  await page.goto(`${program.address}/alerts/silences`)
  const silence = page.getByRole('list', { name: 'Silences' }).getByRole('listitem').filter({ hasText: 'a recording' })
  await silence.getByRole('button', { name: 'End it…' }).press('Enter')
  await silence.getByLabel('Reason').fill('it was looked into')
  await silence.getByRole('button', { name: 'End it', exact: true }).press('Enter')
  await expect.poll(silences).toEqual([])
  await auditAll(page, 'the silences')

  await page.setViewportSize({ width: 1440, height: 900 })
  await page.goto(`${program.address}/alerts/rules`)
  await auditAll(page, 'the rules')
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.getByRole('list', { name: 'Rules' }).getByRole('link', { name: 'Taint changed' }).press('Enter')
  const rule = page.getByRole('dialog', { name: 'Taint changed' })
  await rule.getByText('Ticket', { exact: true }).click()
  await rule.getByRole('button', { name: 'Save' }).press('Enter')
  await expect(rule).toBeHidden()
  const row = page.getByRole('list', { name: 'Rules' }).getByRole('listitem').filter({ hasText: 'Taint changed' })
  await expect(row).toContainText(/Ticket.*changed by admin/)
  expect(complaints).toEqual([])
})
