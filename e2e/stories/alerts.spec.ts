// Goal: whoever is on call sees what needs him, one row a cause, reads what to do, takes it up, writes down what was done, and silences
// it; another browser sees the same without a reload. The list is narrowed and widened, and an admin says whom a rule tells. Method: the
// whole program with recorded kernels, one of which was forced; a browser by keyboard at a desk, another of a phone's width.
import { expect, type Page, test } from '@playwright/test'
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

const alertsIn = (page: Page) => page.getByRole('list', { name: 'Alerts' }).getByRole('listitem')

test('a list of alerts is narrowed by its bar, the address keeps it, and one that is empty says how it is widened', async ({
  page,
}) => {
  test.setTimeout(120_000)
  await page.setViewportSize({ width: 1440, height: 900 })
  await signIn(page, program)
  await page.goto(`${program.address}/alerts`)
  await expect(alertsIn(page).filter({ hasText: /was forced/ })).not.toHaveCount(0, { timeout: 60_000 })
  const all = await alertsIn(page).count()
  await page.getByLabel('Rule').selectOption({ label: 'Patch forced' })
  await expect(page).toHaveURL(/rule=patch-forced/)
  await expect(alertsIn(page).filter({ hasNotText: /was forced/ })).toHaveCount(0)
  await page.getByLabel('Taken up').selectOption({ label: 'by somebody' })
  await page.keyboard.press('/')
  await page.keyboard.type('name:nobody-is-called-so ')
  await expect(page.getByRole('heading', { name: 'No alert matches' })).toBeVisible()
  await auditAll(page, 'no alert that matches')
  await page.setViewportSize({ width: 1440, height: 900 })

  await page.reload()
  await expect(
    page.getByText(/of the rule Patch forced.*taken up.*with a host of name:nobody-is-called-so/),
  ).toBeVisible()
  await page.getByRole('button', { name: 'Every host' }).press('Enter')
  await page.getByLabel('Taken up').selectOption({ label: 'either way' })
  await expect(alertsIn(page).filter({ hasText: /was forced/ })).not.toHaveCount(0)
  await page.getByLabel('Rule').selectOption({ label: 'every' })
  await expect.poll(() => alertsIn(page).count()).toBeGreaterThanOrEqual(all)
  await expect(page).toHaveTitle(/^\(\d+\) .*Alerts · Rebootless$/)
})

test('an admin says whom a rule tells and how it escalates; it is kept, and who may not change it reads it', async ({
  page,
  browser,
}) => {
  test.setTimeout(120_000)
  await page.setViewportSize({ width: 1440, height: 900 })
  await signIn(page, program)
  const post = (path: string, data: object) =>
    page.request.post(`${program.address}${path}`, { data, headers: { origin: program.address } })
  const events = { decisions: [], auditHeads: null, alerts: { severityAtLeast: 'page', rules: 'all' } }
  const ids: string[] = []
  for (const name of ['ops', 'night shift']) {
    const made = await post('/api/v1/channels', { kind: 'webhook', name, address: 'https://hook.example/', events })
    ids.push((await made.json()).channel.id)
  }
  await page.goto(`${program.address}/alerts/rules?rule=patch-failed`)
  const rule = page.getByRole('dialog', { name: 'Patch failed' })
  await rule.getByRole('radio', { name: 'Channels named here' }).press('Space')
  await expect(rule.getByText('Choose a channel.')).toBeVisible()
  await rule.getByRole('group', { name: 'Channels' }).getByLabel('ops').press('Space')
  await rule.getByRole('button', { name: 'Escalate after…' }).press('Enter')
  await rule.getByLabel('Step 1: after minutes').fill('20')
  await rule.getByRole('group', { name: 'Step 1' }).getByLabel('night shift').press('Space')
  await rule.getByRole('button', { name: 'Escalate after…' }).press('Enter')
  await rule.getByLabel('Step 2: after minutes').fill('20')
  await expect(rule.getByText('Later than the step before, which is after 20.')).toBeVisible()
  await auditAll(page, 'a rule with a mistake')
  await page.setViewportSize({ width: 1440, height: 900 })
  await rule.getByRole('button', { name: 'Remove step 2' }).press('Enter')
  await rule.getByLabel('Told again each, minutes').fill('60')
  await rule.getByRole('button', { name: 'Save' }).press('Enter')
  await expect(rule).toBeHidden()
  const kept = await (await page.request.get(`${program.address}/api/v1/alert-rules`)).json()
  expect(kept.items.find(({ id }: { id: string }) => id === 'patch-failed').settings).toMatchObject({
    ...{ channels: [ids[0]], repeatMinutes: 60, escalation: [{ afterMinutes: 20, channels: [ids[1]] }] },
  })

  const context = await browser.newContext()
  const viewer = await context.newPage()
  const person = await post('/api/v1/users', { username: 'reads', role: 'viewer', scope: null })
  await viewer.goto(`${program.address}${(await person.json()).link.path}`)
  await expect(viewer.getByRole('heading', { name: 'Fleet', level: 1 })).toBeVisible()
  await viewer.goto(`${program.address}/alerts/rules?rule=patch-failed`)
  const read = viewer.getByRole('dialog', { name: 'Patch failed' })
  await expect(read).toContainText('ops alone')
  await expect(read).toContainText('after 20 min night shift')
  await expect(read.getByRole('button', { name: 'Save' })).toHaveCount(0)
  await context.close()
})
