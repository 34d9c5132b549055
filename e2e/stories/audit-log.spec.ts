// Goal: what was done is found, and what was changed behind it is found too. Method: the page and the offline command, on a
// log that somebody with the database's superuser has falsified.
import { execFile } from 'node:child_process'
import path from 'node:path'
import { expect, type Page } from '@playwright/test'
import { tamperWith } from '@rebootless/server/bff/audit/test-tampering.ts'
import { type Program, startProgram } from '../program.ts'
import { superuserOf } from '../superuser.ts'
import { auditAll } from './audit.ts'
import { PASSWORD, signIn, story } from './story.ts'

const table = (page: Page) => page.getByRole('table', { name: 'Audit log' })

story('the log is searched, an entry opened, and the whole verified, by keyboard', async ({ signedIn: page }) => {
  await page.goto('/')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await page.keyboard.press('g')
  await page.keyboard.press('a')
  await expect(page).toHaveURL(/\/audit$/)
  await expect(
    table(page)
      .getByRole('row', { name: /session\.start/ })
      .first(),
  ).toBeVisible()
  await page.keyboard.press('/')
  await page.keyboard.type('action:session.start actor:admin')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/filter=action/)
  // A key for a row is for one that was found: beside these there is the head alone.
  await expect(table(page).getByRole('row').filter({ hasNotText: 'session.start' })).toHaveCount(1)
  await page.keyboard.press('Escape')
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  const drawer = page.getByRole('dialog', { name: /^Entry \d/ })
  await expect(drawer).toContainText('session.start')
  await expect(drawer).toContainText('127.0.0.1')
  await page.keyboard.press('Escape')
  await expect(drawer).toBeHidden()
  await page.getByRole('button', { name: 'Verify' }).click()
  await expect(page.getByRole('region', { name: 'Verification' })).toContainText(/\d+ entr(y|ies) verified/)
  await page.goto('/audit?filter=who:ann')
  await expect(page.getByRole('alert')).toContainText('There is no who')
})

story('T30 the log is for approvers and admins, and looks right to axe', async ({ signedIn: page }) => {
  await page.goto('/audit')
  await expect(
    table(page)
      .getByRole('row', { name: /session\.start/ })
      .first(),
  ).toBeVisible()
  await page.getByRole('button', { name: 'Verify' }).click()
  await expect(page.getByRole('region', { name: 'Verification' })).toContainText('verified')
  await auditAll(page, 'the audit log')
  await page.goto('/audit?entry=1')
  await expect(page.getByRole('dialog', { name: 'Entry 1' })).toContainText('Its place in the chain')
  await auditAll(page, 'an entry of the audit log')
})

/** The offline command on what the page exports. */
const verifyOffline = async (page: Page): Promise<{ status: number; said: string }> => {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Export to verify' }).click(),
  ])
  const file = await download.path()
  const program = path.resolve(import.meta.dirname, '../../server/cli/main.ts')
  return await new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', program, 'audit', 'verify', file], (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code), said: stdout + stderr }),
    )
  })
}

const CHANGES: readonly {
  name: string
  change: (run: (statement: string) => Promise<unknown>) => Promise<unknown>
  said: RegExp
}[] = [
  {
    name: 'a tampered row',
    change: (run) => run(`update audit set entry = replace(entry, '"admin"', '"nobody"') where sequence = 2`),
    said: /Entry 2 is not the one that was written/,
  },
  {
    name: 'a removed row',
    change: (run) => run('delete from audit where sequence = 2'),
    said: /Entry 2: removed/,
  },
  {
    name: 'two reordered rows',
    change: async (run) => {
      await run('update audit set sequence = -sequence where sequence in (2, 3)')
      await run('update audit set sequence = sequence + 5 where sequence in (-2, -3)')
    },
    said: /Entry 2 was written as entry 3.*Entry 3 was written as entry 2/s,
  },
]

story.describe('T30 a log that was changed in the database', () => {
  let program: Program
  story.beforeAll(async () => {
    program = await startProgram({ REBOOTLESS_ADMIN_PASSWORD: PASSWORD })
  })
  story.afterAll(() => program.remove())

  story(
    'T30 a tampered, a removed and a reordered row are found by the page and by the offline command',
    async ({ page }) => {
      for (let times = 0; times < 4; times += 1) await signIn(page, program)
      await page.goto(`${program.address}/audit`)
      const verdict = page.getByRole('region', { name: 'Verification' })
      const verify = () => page.getByRole('button', { name: 'Verify' }).click()
      await verify()
      await expect(verdict).toContainText('verified')
      expect(await verifyOffline(page)).toMatchObject({ status: 0, said: expect.stringContaining('The log is sound.') })

      for (const { name, change, said } of CHANGES) {
        await story.step(name, async () => {
          await tamperWith(await superuserOf(program.dataDirectory), async (run) => {
            await run('create temp table untouched as select * from audit')
            await change(run)
            await page.reload()
            await verify()
            await expect(verdict).toContainText('The log was falsified')
            await expect(verdict).toContainText(said)
            const offline = await verifyOffline(page)
            expect(offline).toMatchObject({ status: 1, said: expect.stringMatching(said) })
            // As it was, for the next: nobody appended meanwhile.
            await run('delete from audit')
            await run('insert into audit select * from untouched')
            await run('drop table untouched')
          })
        })
      }
      await page.reload()
      await verify()
      await expect(verdict).toContainText('verified')
    },
  )
})
