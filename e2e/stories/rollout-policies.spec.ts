// Goal: an admin writes what rollouts over production must hold, as text with a mistake that is told at its line, sees what a
// change would change, and takes it away again; the program's own command line reads the same text. Method: the whole
// program without hosts, a browser, and the command line as a process.
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from '@playwright/test'
import { type Program, startProgram } from '../program.ts'
import { auditAll } from './audit.ts'
import { complaintsOf, PASSWORD, signIn } from './story.ts'

const CLI = path.resolve(import.meta.dirname, '../../server/dist/rebootless.mjs')

let program: Program
test.beforeAll(async () => {
  program = await startProgram({
    ...{ REBOOTLESS_ADMIN_PASSWORD: PASSWORD, REBOOTLESS_RECORDED_HOSTS: '0', REBOOTLESS_SIMULATED_HOSTS: '0' },
  })
})
test.afterAll(() => program.remove())

test('a policy is written, changed and taken away', async ({ page }) => {
  const complaints = complaintsOf(page)
  await signIn(page, program)
  await page.goto(`${program.address}/rollouts`)
  await page.getByRole('link', { name: 'Policies' }).click()
  await expect(page.getByRole('heading', { name: 'No policy yet' })).toBeVisible()
  await auditAll(page, 'no policy')
  await page.getByRole('button', { name: 'New policy' }).click()

  const text = page.getByRole('textbox', { name: 'The policy as YAML' })
  const keep = page.getByRole('button', { name: 'Keep the policy' })
  await text.fill((await text.inputValue()).replace("reason: ''", 'reason: as agreed').replace('900', '-1'))
  await keep.click()
  await expect(page.getByRole('list', { name: 'Mistakes' })).toHaveText(/Line 11: spec\.requires\.soakSecondsAtLeast/)
  complaints.splice(0)
  await auditAll(page, 'a policy with a mistake')
  await text.fill((await text.inputValue()).replace('-1', '900'))
  await keep.click()
  await expect(page.getByRole('heading', { name: 'production' })).toBeVisible()
  await expect(page.getByText('Each wave soaks for at least 15 minutes.')).toBeVisible()

  await page.getByRole('button', { name: 'Change production' }).click()
  await expect(page.getByText('It is kept like this.')).toBeVisible()
  await text.fill((await text.inputValue()).replace('900', '1800'))
  await expect(page.getByRole('table', { name: /removed and added/ })).toContainText('1800')
  await keep.click()
  await expect(page.getByText('Each wave soaks for at least 30 minutes.')).toBeVisible()
  await page.getByText('As YAML').click()
  await auditAll(page, 'the policies')

  const token = await page.request.post(`${program.address}/api/v1/tokens`, {
    data: { name: 'ci', role: 'viewer', validDays: 1 },
    headers: { origin: program.address },
  })
  const env = { REBOOTLESS_URL: program.address, REBOOTLESS_TOKEN: (await token.json()).token }
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, 'get', 'policy', 'production', '--as-file'], {
    env,
  })
  const lines = page.getByRole('region', { name: 'production as YAML' }).getByRole('listitem')
  expect(stdout.trimEnd().split('\n')).toEqual(await lines.locator('code').allTextContents())

  await page.getByRole('button', { name: 'Take production away' }).click()
  await page.getByRole('textbox', { name: 'Reason' }).fill('no more')
  await page.getByRole('textbox', { name: 'Type production to go on' }).fill('production')
  await page.getByRole('button', { name: 'Take away', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'No policy yet' })).toBeVisible()
  expect(complaints).toEqual([])
})
