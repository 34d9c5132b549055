// Goal: a manager reads one sentence, opens the hosts behind its numbers and the evidence, looks at a past day, asks for an
// exception that another person approves, and sees the numbers change. Method: the whole program with simulated hosts to which nothing
// else happens and the facts that ship, two browsers, keys where a manager has keys.
import { expect } from '@playwright/test'
import type { RebootDays, RebootDebtList } from '@rebootless/shared/contract/reboot-debt.ts'
import { auditAll } from './audit.ts'
import { complianceStory, DESK, read, settled, somebody, summaryOf } from './compliance-fleet.ts'

complianceStory(
  'the sentence, the hosts behind a number, their evidence, and a day that has been, by keyboard alone',
  async ({ signedIn: page }) => {
    const { counts } = await settled(page)
    expect(counts.exposed, 'the facts that ship know something open on this fleet').toBeGreaterThan(0)
    await page.goto('/')
    await expect(page.getByRole('heading', { level: 1, name: 'Fleet' })).toBeVisible()
    await expect(page.getByRole('main')).toContainText('Oldest open exposure: CVE-')
    await expect(async () => {
      await page.keyboard.press('g')
      await page.keyboard.press('c')
      await expect(page).toHaveURL(/\/compliance$/, { timeout: 1000 })
    }).toPass()
    const sentence = page.getByRole('region', { name: 'In one sentence' })
    await expect(sentence).toContainText(/^[\d.]+\s% of hosts within SLA; \d+\sexposed to \d+ \w+ CVEs?/)
    await expect(sentence).toContainText(/; [\d,]+ CVEs? not known on \d+/)

    const number = sentence.getByRole('link', { name: `Hosts with something open: ${counts.exposed}` })
    await number.focus()
    await page.keyboard.press('Enter')
    const drawer = page.getByRole('dialog', { name: 'Hosts with something open' })
    await expect(drawer.getByRole('status')).toHaveText(`${counts.exposed} hosts`)
    await expect(page).toHaveURL(/open=only/)
    const evidence = drawer.getByRole('button', { name: /^The evidence of/ }).first()
    await evidence.focus()
    await page.keyboard.press('Enter')
    await expect(drawer.getByLabel('What the agent read').first()).toContainText('Kernel')
    const cve = drawer.getByRole('list', { name: 'CVEs of this host' }).first().locator('summary').first()
    await cve.focus()
    await page.keyboard.press('Enter')
    await expect(drawer.getByText('By which rule').first()).toBeVisible()
    await expect(drawer.getByText('By whose word').first()).toBeVisible()
    await auditAll(page, 'the hosts behind a number')
    await page.setViewportSize(DESK)
    await page.keyboard.press('Escape')
    await expect(drawer).toBeHidden()
    await expect(number).toBeFocused()

    await page.getByRole('button', { name: 'The day before' }).press('Enter')
    await expect(page).toHaveURL(/at=\d{4}-\d{2}-\d{2}/)
    await expect(page.getByRole('status').filter({ hasText: 'The past:' })).toBeVisible()
    await expect(page.getByRole('heading', { name: 'No host to tell of' })).toBeVisible()
    await auditAll(page, 'a day of which nothing was recorded')
    await page.setViewportSize(DESK)
    await page.getByRole('button', { name: 'Back to now' }).press('Enter')
    await expect(number).toBeVisible()
    await auditAll(page, 'compliance')
  },
)

complianceStory(
  'a CVE is found, an exception asked for, approved by somebody else, and counted; then ended',
  async ({ signedIn: page, program, browser }) => {
    const before = await settled(page)
    const approver = await somebody(page, browser, program, 'ada', 'approver')

    await page.goto('/compliance/cves?status=exposed')
    await expect(page.getByRole('row', { name: /CVE-/ }).first()).toBeVisible()
    await auditAll(page, 'CVEs')
    await page.setViewportSize(DESK)
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await expect(page).toHaveURL(/\/compliance\/cves\/CVE-\d+-\d+/)
    const id = /CVE-\d+-\d+/.exec(page.url())?.[0] ?? ''
    const words = page.getByRole('list', { name: 'Hosts by what it is to them' })
    const { hosts } = await read<{ hosts: { exposed: number } }>(page, `/cves/${id}`)
    await expect(words.getByRole('button', { name: /^Exposed/ })).toContainText(String(hosts.exposed))
    await words.getByRole('button', { name: /^Exposed/ }).press('Enter')
    await expect(page.getByRole('list', { name: 'Hosts', exact: true }).locator('summary')).toHaveCount(hosts.exposed)
    await auditAll(page, 'a CVE')
    await page.setViewportSize(DESK)

    await page.getByRole('link', { name: 'Ask for an exception…' }).press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Ask for an exception' })
    await expect(dialog.getByLabel('CVE', { exact: true })).toHaveValue(id)
    await auditAll(page, 'asking for an exception')
    await page.setViewportSize(DESK)
    await dialog.getByRole('button', { name: 'Ask for it' }).press('Enter')
    await expect(dialog.getByLabel('Owner')).toBeFocused()
    await page.keyboard.type('storage team')
    await dialog.getByLabel('Reason').fill('the module is loaded nowhere')
    await page.keyboard.press('Enter')
    await expect(dialog).toBeHidden()
    const row = page.getByRole('list', { name: 'Exceptions' }).getByRole('listitem')
    await expect(row).toContainText('Waits for an approver')
    await row.getByRole('link').press('Enter')
    const own = page.getByRole('dialog', { name: `Exception for ${id}` })
    await expect(own).toContainText('You asked for it: another person has to approve it.')
    await expect(own.getByRole('button', { name: 'Approve it' })).toBeDisabled()
    await auditAll(page, 'an exception that waits')
    await page.setViewportSize(DESK)
    await page.keyboard.press('Escape')
    expect((await summaryOf(page)).accepted.hosts, 'nothing is accepted before it is approved').toBe(
      before.accepted.hosts,
    )

    await approver.goto('/compliance/exceptions')
    await approver.getByRole('list', { name: 'Exceptions' }).getByRole('link').press('Enter')
    await approver.getByRole('button', { name: 'Approve it' }).press('Enter')
    await expect(approver.getByRole('dialog', { name: `Exception for ${id}` })).toContainText('In effect')

    await page.goto('/compliance')
    const accepted = page.getByRole('link', { name: `Hosts with an accepted exposure: ${hosts.exposed}` })
    await expect
      .poll(async () => (await summaryOf(page)).accepted, { timeout: 30_000 })
      .toMatchObject({
        ...{ exceptions: 1, hosts: hosts.exposed },
      })
    await expect(accepted).toBeVisible({ timeout: 15_000 })
    await expect(page.getByRole('list', { name: 'Exceptions that end soon' })).toContainText(id)
    await accepted.press('Enter')
    const drawer = page.getByRole('dialog', { name: 'Hosts with an accepted exposure' })
    await expect(drawer.getByRole('list', { name: 'Hosts with an accepted exposure' })).toContainText('1 accepted.')
    await page.keyboard.press('Escape')

    await page.goto('/compliance/exceptions')
    await row.getByRole('link').press('Enter')
    await own.getByRole('button', { name: 'End it…' }).press('Enter')
    await page.keyboard.type('it is patched now')
    await page.keyboard.press('Enter')
    await expect(own).toBeHidden()
    await expect(page.getByRole('heading', { name: 'No exception is open' })).toBeVisible()
    await expect.poll(async () => (await summaryOf(page)).accepted.hosts).toBe(0)
  },
)

complianceStory(
  'the SLA is set with a reason after what would change was said, and counts at once',
  async ({ signedIn: page }) => {
    await page.goto('/compliance/sla')
    const change = page.getByRole('region', { name: 'What would change' })
    await expect(change).toContainText('Nothing.')
    await page.getByLabel('critical', { exact: true }).fill('7 days')
    await expect(page.getByRole('alert')).toContainText('Days are whole numbers')
    await page.getByLabel('critical', { exact: true }).fill('7')
    await expect(change).toContainText('Critical: 15 d → 7 d Hosts that are within may be past at once.')
    await auditAll(page, 'the SLA policy')
    await page.setViewportSize(DESK)
    await change.getByLabel('Reason').fill('the auditors ask for it')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('region', { name: 'Who set it' })).toContainText('the auditors ask for it')
    await page.goto('/compliance')
    await expect(page.getByRole('region', { name: 'How this was counted' })).toContainText('critical 7 d')
  },
)

complianceStory(
  'on a host’s page each CVE says what it is to it, why, and how sure that is',
  async ({ signedIn: page }) => {
    await settled(page)
    const { items } = await read<{ items: { id: string; name: string }[] }>(
      page,
      '/compliance/hosts?only=exposed&limit=1',
    )
    await page.goto(`/hosts/${items[0]?.id}`)
    await expect(
      page.getByRole('navigation', { name: 'This host' }).getByRole('link', { name: /^Exposure/ }),
    ).toBeVisible()
    await page.keyboard.press('5')
    await expect(page).toHaveURL(/tab=exposure/)
    const words = page.getByRole('list', { name: 'CVEs by what they are to this host' })
    const rows = page.getByRole('list', { name: 'CVEs of this host' })
    await expect(rows.getByRole('listitem').first(), 'what is open stands first').toContainText('Exposed')
    await words.getByRole('button', { name: /^Exposed/ }).press('Enter')
    await expect(page).toHaveURL(/status=exposed/)
    await expect(rows.getByRole('listitem').first()).toContainText('Exposed')
    await rows.locator('summary').first().press('Enter')
    await expect(rows).toContainText('By which rule')
    await expect(page.getByRole('region', { name: 'How sure this is' })).toContainText(/Judged by the feeds/)
    await auditAll(page, 'a host’s exposure')
  },
)

complianceStory(
  'the boot of two hosts is planned by keyboard, stands in the calendar, and is taken back',
  async ({ signedIn: page }) => {
    await settled(page)
    const day = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)
    const planned = async () => (await read<RebootDebtList>(page, `/reboot-debt?day=${day}`)).items
    await page.goto(`/compliance/reboots?month=${day.slice(0, 7)}`)
    const rows = page.getByRole('list', { name: 'Hosts that need a boot' }).locator(':scope > li')
    await expect(rows.nth(1)).toBeVisible()
    await auditAll(page, 'hosts that need a boot')
    await page.setViewportSize(DESK)
    const names = await rows
      .locator('[data-row-link]')
      .evaluateAll((links) => links.slice(0, 2).map((one) => one.textContent))
    for (const index of [0, 1]) {
      await rows.nth(index).getByRole('checkbox').focus()
      await page.keyboard.press('Space')
    }
    await page.getByRole('button', { name: 'Plan these 2…' }).press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Plan the boot of 2 hosts' })
    await expect(dialog.getByLabel('Owner')).toBeFocused()
    await page.keyboard.type('platform team')
    await dialog.getByLabel('Day').fill(day)
    await dialog.getByLabel('Reason').fill('their monthly window')
    await auditAll(page, 'planning a boot')
    await page.setViewportSize(DESK)
    await dialog.getByLabel('Reason').press('Enter')
    await expect(dialog).toBeHidden()
    const inCalendar = page
      .getByRole('table', { name: /^Planned boots in/ })
      .getByRole('link', { name: /^2 planned for/ })
    await inCalendar.press('Enter')
    await expect(page).toHaveURL(new RegExp(`day=${day}`))
    await expect(rows).toHaveCount(2)
    await expect(rows.first()).toContainText('platform team')
    expect((await planned()).map(({ name, plan }) => [name, plan?.on, plan?.owner, plan?.reason, plan?.setBy])).toEqual(
      names.map((name) => [name, day, 'platform team', 'their monthly window', 'admin']),
    )
    const { days } = await read<RebootDays>(page, `/reboot-debt/days?from=${day}&to=${day}`)
    expect(days.map((one) => [one.day, one.open, one.done])).toEqual([[day, 2, 0]])

    await page.getByRole('button', { name: 'Take plans back…' }).press('Enter')
    const back = page.getByRole('dialog', { name: 'Take back the plans of 2 hosts' })
    await back.getByLabel('Reason').fill('the window moved')
    await page.keyboard.press('Enter')
    await expect(back).toBeHidden()
    await expect(page.getByRole('heading', { name: 'No host matches' })).toBeVisible()
    await expect(inCalendar).toBeHidden()
    expect(await planned()).toEqual([])
  },
)

complianceStory(
  'what was gained, and for how many host-hours a CVE was open, in words and in tables',
  async ({ signedIn: page }) => {
    await settled(page)
    await page.goto('/compliance')
    const gained = page.getByRole('region', { name: 'Gained by live patching' })
    await gained.getByLabel('A boot takes').selectOption({ label: '30 minutes' })
    await expect(page).toHaveURL(/boot=30/)
    await expect(gained).toContainText('Uptime kept, 30 minutes a boot')
    const { items } = await read<{ items: { id: string }[] }>(page, '/cves?status=exposed&limit=1')
    await page.goto(`/compliance/cves/${items[0]?.id}?view=table`)
    const hours = page.getByRole('region', { name: 'Exposure in host-hours' })
    await expect(hours).toContainText(/^Exposure in host-hours.* hosts? (was|were) exposed for/)
    await expect(hours.getByRole('table').getByRole('row')).not.toHaveCount(0)
    await auditAll(page, 'host-hours of a CVE')
  },
)
