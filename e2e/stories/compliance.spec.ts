// Goal: a manager reads one sentence, opens the hosts behind its numbers and the evidence, looks at a past day, asks for an
// exception that another person approves, sees the numbers change, and takes it all away as a document. Method: the whole program
// with simulated hosts to which nothing else happens and the facts that ship, two browsers, keys where a manager has keys.
import { createHash } from 'node:crypto'
import { type Browser, expect, type Page, test } from '@playwright/test'
import { hostPlan } from '@rebootless/server/sim/fleet/host-plan.ts'
import { type Program, startProgram } from '../program.ts'
import { auditAll } from './audit.ts'
import { complaintsOf, PASSWORD, signIn } from './story.ts'

const HOSTS = 12
const DESK = { width: 1440, height: 900 }

/** Hosts of which none is busy with a transition that its tasks hold back. */
const calmSeed = (): number => {
  for (let seed = 0; seed < 20_000; seed += 1) {
    const plans = Array.from({ length: HOSTS }, (_, index) => hostPlan(seed, index))
    const behind = plans.filter(({ condition }) => condition === 'behind')
    if (plans.every(({ condition }) => condition !== 'busy') && behind.length > 2) return seed
  }
  throw new Error('no seed has such hosts')
}

let program: Program
test.beforeAll(async () => {
  program = await startProgram({
    ...{ REBOOTLESS_ADMIN_PASSWORD: PASSWORD, REBOOTLESS_RECORDED_HOSTS: '0' },
    ...{ REBOOTLESS_SIMULATED_HOSTS: `${HOSTS}`, REBOOTLESS_SIMULATION_SEED: `${calmSeed()}` },
    REBOOTLESS_SIMULATED_INCIDENTS: 'off',
  })
})
test.afterAll(() => program.remove())

interface Summary {
  readonly doubts: readonly { readonly doubt: string; readonly hosts: number }[]
  readonly counts: { readonly hosts: number; readonly judged: number; readonly exposed: number }
  readonly accepted: { readonly exceptions: number; readonly hosts: number; readonly cves: number }
}

const read = async <Answer>(page: Page, path: string): Promise<Answer> => {
  const answer = await page.request.get(`${program.address}/api/v1${path}`)
  expect(answer.status(), path).toBe(200)
  return await answer.json()
}
const summaryOf = (page: Page) => read<Summary>(page, '/compliance')

/** All hosts are there and judged, and none is in transition: no number moves any more. */
const settled = async (page: Page): Promise<Summary> => {
  let summary = await summaryOf(page)
  await expect(async () => {
    const before = summary
    await page.waitForTimeout(1500)
    summary = await summaryOf(page)
    const { hosts, judged } = summary.counts
    expect({ hosts, judged }).toEqual({ hosts: HOSTS + 1, judged: HOSTS + 1 })
    expect(summary.counts).toEqual(before.counts)
    // What a transition fixes is open until it ends.
    expect(summary.doubts.find(({ doubt }) => doubt === 'in_transition')?.hosts).toBe(0)
  }).toPass({ timeout: 75_000 })
  return summary
}

const somebody = async (page: Page, browser: Browser, username: string, role: string): Promise<Page> => {
  const answer = await page.request.post(`${program.address}/api/v1/users`, {
    data: { username, role, scope: null },
    headers: { Origin: program.address },
  })
  const { link } = await answer.json()
  const own = await (await browser.newContext({ locale: 'en-GB' })).newPage()
  await own.goto(`${program.address}${link.path}`)
  await expect(own.getByRole('heading', { name: 'Fleet', exact: true }).first()).toBeVisible()
  return own
}

test('the sentence, the hosts behind a number, their evidence, and a day that has been, by keyboard alone', async ({
  page,
}) => {
  const complaints = complaintsOf(page)
  await page.setViewportSize(DESK)
  await signIn(page, program)
  const { counts } = await settled(page)
  expect(counts.exposed, 'the facts that ship know something open on this fleet').toBeGreaterThan(0)
  await page.goto(`${program.address}/`)
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
  expect(complaints).toEqual([])
})

test('a CVE is found, an exception asked for, approved by somebody else, and counted; then ended', async ({
  page,
  browser,
}) => {
  const complaints = complaintsOf(page)
  await page.setViewportSize(DESK)
  await signIn(page, program)
  const before = await settled(page)
  const approver = await somebody(page, browser, 'ada', 'approver')

  await page.goto(`${program.address}/compliance/cves?status=exposed`)
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

  await approver.goto(`${program.address}/compliance/exceptions`)
  await approver.getByRole('list', { name: 'Exceptions' }).getByRole('link').press('Enter')
  await approver.getByRole('button', { name: 'Approve it' }).press('Enter')
  await expect(approver.getByRole('dialog', { name: `Exception for ${id}` })).toContainText('In effect')

  await page.goto(`${program.address}/compliance`)
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

  await page.goto(`${program.address}/compliance/exceptions`)
  await row.getByRole('link').press('Enter')
  await own.getByRole('button', { name: 'End it…' }).press('Enter')
  await page.keyboard.type('it is patched now')
  await page.keyboard.press('Enter')
  await expect(own).toBeHidden()
  await expect(page.getByRole('heading', { name: 'No exception is open' })).toBeVisible()
  await expect.poll(async () => (await summaryOf(page)).accepted.hosts).toBe(0)
  expect(complaints).toEqual([])
})

test('a document has its scope, method and the hash of its data, and prints on numbered pages', async ({ page }) => {
  const complaints = complaintsOf(page)
  await page.setViewportSize(DESK)
  await signIn(page, program)
  const { counts } = await settled(page)
  await page.goto(`${program.address}/compliance`)
  await page.getByRole('link', { name: 'Document' }).press('Enter')
  const sheet = page.getByRole('article', { name: 'Compliance document' })
  await expect(sheet).toContainText(`${counts.hosts} hosts, all that its maker may see; ${counts.judged} judged`)
  await expect(sheet.getByRole('region', { name: 'Method' })).toContainText('critical 15 d')
  const hash = sheet.getByRole('region', { name: 'Signature of the data' }).getByText(/^SHA-256/)
  await expect(hash).toBeVisible()
  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Its data' }).press('Enter')
  const chunks: Buffer[] = []
  for await (const chunk of await (await downloading).createReadStream()) chunks.push(Buffer.from(chunk))
  const data = Buffer.concat(chunks)
  const said = (await hash.textContent())?.replace('SHA-256', '').replaceAll(' ', '')
  expect(said).toBe(createHash('sha256').update(data).digest('hex'))
  expect(JSON.parse(data.toString()).summary.counts).toEqual(counts)
  await auditAll(page, 'the document')

  await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
  await expect(page.getByRole('navigation', { name: 'Pages' }).first()).toBeHidden()
  await expect(page.getByRole('button', { name: 'Print' })).toBeHidden()
  await expect(sheet, 'ink on paper, whatever the theme').toHaveCSS('color', 'rgb(20, 23, 28)')
  const pdf = await page.pdf({ preferCSSPageSize: true })
  const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g) ?? []
  expect(pages.length).toBeGreaterThan(1)
  expect(complaints).toEqual([])
})

test('the SLA is set with a reason after what would change was said, and counts at once', async ({ page }) => {
  const complaints = complaintsOf(page)
  await page.setViewportSize(DESK)
  await signIn(page, program)
  await page.goto(`${program.address}/compliance/sla`)
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
  await page.goto(`${program.address}/compliance`)
  await expect(page.getByRole('region', { name: 'How this was counted' })).toContainText('critical 7 d')
  expect(complaints).toEqual([])
})

test('on a host’s page each CVE says what it is to it, why, and how sure that is', async ({ page }) => {
  const complaints = complaintsOf(page)
  await page.setViewportSize(DESK)
  await signIn(page, program)
  await settled(page)
  const { items } = await read<{ items: { id: string; name: string }[] }>(
    page,
    '/compliance/hosts?only=exposed&limit=1',
  )
  await page.goto(`${program.address}/hosts/${items[0]?.id}`)
  await expect(
    page.getByRole('navigation', { name: 'This host' }).getByRole('link', { name: /^Exposure/ }),
  ).toBeVisible()
  await page.keyboard.press('5')
  await expect(page).toHaveURL(/tab=exposure/)
  const words = page.getByRole('list', { name: 'CVEs by what they are to this host' })
  await words.getByRole('button', { name: /^Exposed/ }).press('Enter')
  await expect(page).toHaveURL(/status=exposed/)
  const rows = page.getByRole('list', { name: 'CVEs of this host' })
  await expect(rows.getByRole('listitem').first()).toContainText('Exposed')
  await rows.locator('summary').first().press('Enter')
  await expect(rows).toContainText('By which rule')
  await expect(page.getByRole('region', { name: 'How sure this is' })).toContainText(/Judged by the feeds/)
  await auditAll(page, 'a host’s exposure')
  expect(complaints).toEqual([])
})
