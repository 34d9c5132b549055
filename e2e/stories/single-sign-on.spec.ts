// Goal: people come in by their identity provider, prove there again who they are before a dangerous act, and are told
// when it lets nobody in. Method: the whole program, a real OpenID provider on loopback, a browser.
import { expect, test } from '@playwright/test'
import {
  type IdentityProvider,
  startIdentityProvider,
  TEST_CLIENT,
} from '@rebootless/server/bff/access/oidc/test-identity-provider.ts'
import { type Program, startProgram } from '../program.ts'
import { inDatabase } from '../stored-rows.ts'
import { auditAll } from './audit.ts'
import { complaintsOf, PASSWORD } from './story.ts'

let idp: IdentityProvider
let program: Program
test.beforeAll(async () => {
  idp = await startIdentityProvider()
  program = await startProgram({
    ...{ REBOOTLESS_ADMIN_PASSWORD: PASSWORD, REBOOTLESS_RECORDED_HOSTS: '0' },
    ...{ OIDC_ISSUER: idp.issuer, OIDC_CLIENT_ID: TEST_CLIENT.clientId, OIDC_CLIENT_SECRET: TEST_CLIENT.clientSecret },
    ...{ OIDC_ROLES: 'fleet admins=admin; staging=operator@label.env:staging', OUTGOING_NETWORKS: '127.0.0.1' },
  })
  idp.serve(`${program.address}/api/v1/session/oidc/callback`)
  idp.people.set('ada', { groups: ['fleet admins'], preferred_username: 'ada' })
  idp.people.set('eve', { groups: ['visitors'], preferred_username: 'eve' })
})
test.afterAll(async () => {
  await program.remove()
  await idp.stop()
})

test('T33 while the provider is down, the page says so and takes a password', async ({ page }) => {
  idp.running = false
  await page.goto(`${program.address}/hosts`)
  await page.getByRole('link', { name: 'Sign in with your identity provider' }).click()
  await expect(page.getByRole('alert')).toContainText('Your identity provider does not answer')
  idp.running = true
  await page.getByLabel('Name').fill('admin')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Fleet', exact: true }).first()).toBeVisible()
})

test('T11 T25 a group gives the role, and the provider proves again who it is while the page waits', async ({
  page,
}) => {
  const complaints = complaintsOf(page)
  await page.goto(`${program.address}/settings/single-sign-on`)
  const offer = page.getByRole('link', { name: 'Sign in with your identity provider' })
  await expect(offer).toBeVisible()
  await auditAll(page, 'sign-in with a provider')
  await offer.click()
  // Back where one was.
  await expect(page.getByRole('heading', { name: 'Single sign-on' })).toBeVisible()
  const main = page.getByRole('main')
  await expect(main).toContainText(idp.issuer)
  await expect(main).toContainText(`${program.address}/api/v1/session/oidc/callback`)
  await expect(page.getByRole('row', { name: /staging/ })).toContainText('label.env:staging')
  await expect(main).not.toContainText(TEST_CLIENT.clientSecret)
  await auditAll(page, 'how single sign-on is set up')
  await page.goto(`${program.address}/settings/account`)
  await expect(main).toContainText('Your identity provider keeps it')

  // An hour goes by.
  await inDatabase(program.dataDirectory, (database) =>
    database
      .updateTable('sessions')
      .set({ authenticated_at: new Date(Date.now() - 3_600_000) })
      .execute(),
  )
  await page.goto(`${program.address}/settings/people?user=new`)
  const dialog = page.getByRole('dialog', { name: 'Add a person' })
  await dialog.getByLabel('Name').fill('mo')
  await dialog.getByRole('button', { name: 'Add and make a link' }).click()
  const asked = idp.asked
  const opening = page.waitForEvent('popup')
  await page.getByRole('link', { name: 'Go to your identity provider' }).click()
  const popup = await opening
  await expect(popup.getByText('The page that asked goes on by itself')).toBeVisible()
  expect(idp.asked).toBe(asked + 1)
  await expect(page.getByRole('dialog', { name: 'mo can sign in' })).toBeVisible()
  expect(complaints).toEqual([])
})

test('T11 nobody comes in without a group, and the page says so', async ({ page }) => {
  idp.atKeyboard = 'eve'
  await page.goto(`${program.address}/`)
  await page.getByRole('link', { name: 'Sign in with your identity provider' }).click()
  await expect(page.getByRole('alert')).toContainText('None of your groups opens a way in here')
})
