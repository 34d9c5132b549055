// Goal: an admin lets somebody in who sees some hosts only, and that person keeps the account safe; what is taken away is
// gone at once. Method: the whole program with simulated hosts; two browsers, one for each.
import { type Browser, expect, type Page, test } from '@playwright/test'
import { type Program, startProgram } from '../program.ts'
import { inDatabase } from '../stored-rows.ts'
import { codeAt } from '../totp.ts'
import { auditAll } from './audit.ts'
import { complaintsOf, PASSWORD, signIn } from './story.ts'

const HOSTS = 8
const OWN_PASSWORD = 'seven quiet boats at noon'

let program: Program
test.beforeAll(async () => {
  program = await startProgram({
    ...{ REBOOTLESS_ADMIN_PASSWORD: PASSWORD, REBOOTLESS_RECORDED_HOSTS: '0' },
    ...{ REBOOTLESS_SIMULATED_HOSTS: `${HOSTS}`, REBOOTLESS_SIMULATION_SEED: '7' },
  })
})
test.afterAll(() => program.remove())

const hostsOf = async (page: Page, filter = ''): Promise<string[]> => {
  const answer = await page.request.get(`${program.address}/api/v1/hosts`, { params: { filter } })
  return (await answer.json()).items.map(({ name }: { name: string }) => name).sort()
}

const asAdmin = async (page: Page): Promise<void> => {
  await signIn(page, program)
  await expect.poll(() => hostsOf(page, 'origin:simulated')).toHaveLength(HOSTS)
}

/** A page of somebody else. */
const elsewhere = async (browser: Browser): Promise<Page> => (await browser.newContext({ locale: 'en-GB' })).newPage()

/** Makes a person by the API, and the link for the first sign-in. */
const newPerson = async (page: Page, username: string, role: string, scope: string | null): Promise<string> => {
  const answer = await page.request.post(`${program.address}/api/v1/users`, {
    data: { username, role, scope },
    headers: { Origin: program.address },
  })
  expect(answer.status(), await answer.text()).toBe(201)
  return `${program.address}${(await answer.json()).link.path}`
}

/** Since anybody proved who he is. */
const anHourGoesBy = () =>
  inDatabase(program.dataDirectory, (database) =>
    database
      .updateTable('sessions')
      .set({ authenticated_at: new Date(Date.now() - 3_600_000) })
      .execute(),
  )

const ENDED = /Your session has ended/

test('T07 an operator with a scope comes in by a link and sees those hosts alone', async ({ page, browser }) => {
  const complaints = complaintsOf(page)
  await asAdmin(page)
  await page.goto(`${program.address}/settings/people`)
  await page.getByRole('button', { name: 'Add a person' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('jana')
  await dialog.getByRole('radio', { name: 'Operator' }).check()
  await dialog.getByRole('radio', { name: 'Hosts with certain labels' }).check()
  const scope = dialog.getByRole('combobox', { name: 'Scope' })
  await scope.fill('env:staging')
  await dialog.getByLabel('Name').focus()
  await expect(dialog).toContainText('write label.env:staging.')
  await scope.fill('label.en')
  await dialog.getByRole('option', { name: 'label.env:' }).click()
  const value = dialog.getByRole('option', { name: /^label\.env:./ }).first()
  const word = (await value.textContent()) ?? ''
  await value.click()
  const seen = await hostsOf(page, word)
  const all = await hostsOf(page)
  expect(seen.length, 'the scope leaves hosts out').toBeLessThan(all.length)
  await expect(dialog.getByText(`${seen.length} of ${all.length} hosts now`)).toBeVisible()
  await dialog.getByRole('button', { name: 'Add and make a link' }).click()
  const link = (await dialog.getByText(/\/sign-in#token=/).textContent()) ?? ''
  await dialog.getByRole('button', { name: 'Done' }).click()
  await expect(page.getByRole('row', { name: /jana.*Operator/ })).toContainText(word)

  const jana = await elsewhere(browser)
  await jana.goto(link)
  await expect(jana.getByRole('heading', { name: 'Fleet', exact: true }).first()).toBeVisible()
  expect(await hostsOf(jana)).toEqual(seen)
  await jana.goto(`${program.address}/hosts`)
  const table = jana.getByRole('table', { name: 'Hosts' })
  for (const name of seen) await expect(table).toContainText(name)
  for (const name of all.filter((one) => !seen.includes(one))) await expect(table).not.toContainText(name)
  await jana.goto(`${program.address}/settings/people`)
  await expect(jana.getByRole('main')).toContainText('People are seen and changed by admins of the whole fleet')
  await expect(jana.getByRole('button', { name: 'Add a person' })).toBeDisabled()

  await jana.goto(`${program.address}/settings/account`)
  await expect(jana.getByRole('region', { name: 'Password' })).toContainText('You have none yet.')

  const nobodys = await elsewhere(browser)
  await nobodys.goto(await newPerson(page, 'nowhere', 'viewer', 'label.env:nowhere'))
  await expect(nobodys.getByRole('heading', { name: 'No host is in your scope' })).toBeVisible()
  await expect(nobodys.getByRole('main')).toContainText('label.env:nowhere')

  // The link was used.
  const late = await elsewhere(browser)
  await late.goto(link)
  await expect(late.getByRole('alert')).toContainText('Ask an admin for a new one')
  await late.context().close()
  await jana.context().close()
  expect(complaints).toEqual([])
})

test('T01 T25 a password, a second factor, a proof asked for again, and sessions that end at once', async ({
  page,
  browser,
}) => {
  await asAdmin(page)
  const kim = await elsewhere(browser)
  const complaints = complaintsOf(kim)
  await kim.goto(await newPerson(page, 'kim', 'operator', null))
  await expect(kim.getByRole('heading', { name: 'Fleet', exact: true }).first()).toBeVisible()
  const main = kim.getByRole('main')
  await main.getByRole('region', { name: 'No password yet' }).getByRole('link', { name: 'Set a password' }).click()
  await main.getByLabel('New password').fill(OWN_PASSWORD)
  await main.getByLabel('The same again').fill(`${OWN_PASSWORD}.`)
  await main.getByRole('button', { name: 'Set the password' }).click()
  await expect(main.getByRole('alert')).toContainText('not the same')
  await main.getByLabel('The same again').fill(OWN_PASSWORD)
  await main.getByRole('button', { name: 'Set the password' }).click()
  await expect(main).toContainText('Your other sessions have ended')

  await anHourGoesBy()
  await main.getByRole('button', { name: 'Set up a second factor' }).click()
  const proof = kim.getByRole('dialog', { name: 'Prove again who you are' })
  await proof.getByLabel('Password of kim').fill('a wrong one')
  await proof.getByRole('button', { name: 'Go on' }).click()
  await expect(proof.getByRole('alert')).toContainText('This password is wrong')
  await proof.getByRole('button', { name: 'Cancel' }).click()
  await expect(main.getByRole('alert')).toContainText('none was given')
  await main.getByRole('button', { name: 'Set up a second factor' }).click()
  await proof.getByLabel('Password of kim').fill(OWN_PASSWORD)
  await proof.getByRole('button', { name: 'Go on' }).click()
  await expect(proof).toBeHidden()
  await expect(main.getByRole('img', { name: /QR code/ })).toBeVisible()
  const secret = (await main.getByText(/^[A-Z2-7]{32}$/).textContent()) ?? ''
  await main.getByRole('textbox', { name: 'Code' }).fill(codeAt(secret, Date.now()))
  await main.getByRole('button', { name: 'Turn on', exact: true }).click()
  const shown = main.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem')
  await expect(shown).toHaveCount(10)
  const codes = await shown.allTextContents()
  expect(new Set(codes).size).toBe(10)
  await main.getByRole('button', { name: 'I have kept them' }).click()
  await expect(main).toContainText('It is on')

  const signInAgain = async (code: string) => {
    await kim.getByLabel('Name').fill('kim')
    await kim.getByLabel('Password').fill(OWN_PASSWORD)
    await kim.getByRole('button', { name: 'Sign in', exact: true }).click()
    await kim.getByLabel('Code of your authenticator').fill(code)
    await kim.getByRole('button', { name: 'Sign in', exact: true }).click()
    await expect(kim.getByRole('heading', { name: 'Settings' })).toBeVisible()
  }
  // An admin ends the session; the page that is open says so.
  await page.goto(`${program.address}/settings/people`)
  await page.getByRole('link', { name: 'kim' }).click()
  const account = page.getByRole('dialog', { name: 'Account of kim' })
  await account.getByRole('button', { name: /^End the session of / }).click()
  await expect(account.getByLabel('Reason')).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(account).toContainText('A reason is missing.')
  await account.getByLabel('Reason').fill('the laptop was stolen')
  await page.keyboard.press('Enter')
  await expect(kim.getByText(ENDED)).toBeVisible()
  await expect(account).toContainText('Not signed in anywhere')
  // The first code was used, so the next one.
  await signInAgain(codeAt(secret, Date.now() + 30_000))

  // A role that changes ends the session as well, and the way back stays.
  await account.getByRole('radio', { name: 'Viewer' }).check()
  await account.getByRole('button', { name: 'Change', exact: true }).click()
  const asked = page.getByRole('dialog', { name: 'Prove again who you are' })
  await asked.getByLabel('Password of admin').fill(PASSWORD)
  await asked.getByRole('button', { name: 'Go on' }).click()
  await expect(account).toContainText('sessions have ended')
  await expect(kim.getByText(ENDED)).toBeVisible()
  await signInAgain(codes[0] ?? '')
  await expect(kim.getByRole('main')).toContainText('Viewer.')

  const disable = account.getByRole('button', { name: 'Disable…' })
  await disable.click()
  await expect(account.getByLabel('Reason', { exact: true })).toBeFocused()
  await account.getByRole('button', { name: 'Cancel' }).click()
  await expect(disable).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(account.getByRole('button', { name: 'Disable kim' })).toBeDisabled()
  await account.getByLabel('Reason', { exact: true }).fill('left the company')
  await account.getByLabel('Type kim to go on').fill('kim')
  await account.getByRole('button', { name: 'Disable kim' }).click()
  await expect(account.getByRole('button', { name: 'Enable kim' })).toBeVisible()
  await expect(kim.getByText(ENDED)).toBeVisible()
  await kim.context().close()
  expect(complaints).toEqual([])
})

test('T11 a token of a person with a scope reaches those hosts alone, until it is revoked', async ({
  page,
  browser,
}) => {
  await asAdmin(page)
  const [scope, other] = ['label.env:prod', '-label.env:prod']
  expect(await hostsOf(page, other)).not.toEqual([])
  const lee = await elsewhere(browser)
  const complaints = complaintsOf(lee)
  await lee.goto(await newPerson(page, 'lee', 'operator', scope))
  await expect(lee.getByRole('heading', { name: 'Fleet', exact: true }).first()).toBeVisible()
  await lee.goto(`${program.address}/settings/tokens`)
  await lee.getByRole('button', { name: 'Make a token' }).click()
  const dialog = lee.getByRole('dialog')
  await expect(dialog.getByRole('radio', { name: 'Admin' })).toBeDisabled()
  await expect(dialog.getByRole('radio', { name: 'The whole fleet' })).toBeDisabled()
  await dialog.getByLabel('Name').fill('graphs')
  await dialog.getByRole('combobox', { name: 'Scope' }).fill('label.env:test')
  await dialog.getByRole('button', { name: 'Make the token' }).click()
  await expect(dialog.getByRole('alert')).toContainText(`Your own words must be among them: ${scope}`)
  await dialog.getByRole('combobox', { name: 'Scope' }).fill(scope)
  await dialog.getByRole('button', { name: 'Make the token' }).click()
  const token = (await dialog.getByText(/^rbl_/).textContent()) ?? ''
  const ask = () => fetch(`${program.address}/api/v1/hosts`, { headers: { authorization: `Bearer ${token}` } })
  const { items } = (await (await ask()).json()) as { items: { name: string }[] }
  expect(items.map(({ name }) => name).sort()).toEqual(await hostsOf(page, scope))
  await dialog.getByRole('button', { name: 'Done' }).click()

  await lee.getByRole('button', { name: 'Revoke graphs' }).click()
  await dialog.getByLabel('Reason').fill('another takes its place')
  await dialog.getByLabel('Type graphs to go on').fill('graphs')
  await dialog.getByRole('button', { name: 'Revoke', exact: true }).click()
  await expect(lee.getByRole('row', { name: /graphs/ })).toContainText('revoked')
  expect((await ask()).status).toBe(401)
  await lee.context().close()
  expect(complaints).toEqual([])
})

test('T03 axe and the content security policy find nothing on the pages for people', async ({ page }) => {
  test.setTimeout(180_000)
  const complaints = complaintsOf(page)
  await asAdmin(page)
  await newPerson(page, 'with-a-scope', 'viewer', 'label.env:prod')
  for (const [path, ready] of [
    ['/settings/account', /this browser/],
    ['/settings/people', /with-a-scope/],
    ['/settings/people?user=new', /with-a-scope/],
    ['/settings/tokens?of=all', /Make a token/],
    ['/settings/single-sign-on', /OIDC_ISSUER/],
    ['/proven', /has answered/],
  ] as const) {
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.goto(`${program.address}${path}`)
    await expect(page.getByRole('main')).toContainText(ready)
    await auditAll(page, path)
  }
  await page.goto(`${program.address}/settings/people`)
  await page.getByRole('link', { name: 'with-a-scope' }).click()
  await expect(page.getByRole('dialog')).toContainText('Not signed in anywhere')
  await auditAll(page, 'a person')
  await anHourGoesBy()
  await page.goto(`${program.address}/settings/account`)
  await page.getByRole('button', { name: 'Set up a second factor' }).click()
  await expect(page.getByRole('dialog', { name: 'Prove again who you are' })).toBeVisible()
  await auditAll(page, 'a proof asked for again')
  await page.getByLabel('Password of admin').fill(PASSWORD)
  await page.getByRole('button', { name: 'Go on' }).click()
  await expect(page.getByRole('img', { name: /QR code/ })).toBeVisible()
  await auditAll(page, 'a second factor being set up')
  expect(complaints).toEqual([])
})
