import path from 'node:path'
import { expect, type Page } from '@playwright/test'
import type { AuthorisationDetail } from '@rebootless/shared/contract/commands-api.ts'
import type { Machine } from './lab/machine.ts'
import type { Live } from './live-host.ts'
import { type Approver, type Person, proveAgain, rebootless } from './people.ts'

/** The program must hear of the kernel, and the page of that. */
const POSSIBLE_WITHIN_MS = 60_000

/** A page of somebody who is signed in, in a browser of his own. */
export async function pageOf({ api }: Person, { browser, program }: Live): Promise<Page> {
  const context = await browser.newContext({ baseURL: program.address, storageState: await api.storageState() })
  return await context.newPage()
}

/**
 * From the Act menu of the host whose page is open: `act` in the menu's words, a module by its file where one is taken.
 * Answers the request that this made.
 */
export async function actByPage(
  page: Page,
  machine: Machine,
  act: { readonly words: string; readonly patch?: string; readonly module?: string },
): Promise<AuthorisationDetail> {
  await page.getByRole('button', { name: 'Act', exact: true }).click()
  const dialog = page.getByRole('dialog')
  const listed = dialog.getByRole('button', { name: new RegExp(`^${act.words}.*${act.patch ?? ''}`) })
  await expect(listed).toBeEnabled({ timeout: POSSIBLE_WITHIN_MS })
  await listed.click()
  if (act.module !== undefined) {
    await dialog.getByLabel(/Drop a module/).setInputFiles(path.join(machine.modulesDirectory, `${act.module}.ko`))
    await expect(dialog).toContainText('It fits this kernel.')
  }
  await dialog.getByLabel('Reason').fill('as the test has it')
  const name = dialog.getByLabel(`Type ${machine.hostname} to go on`)
  if (await name.isVisible()) await name.fill(machine.hostname)
  const answered = page.waitForResponse((response) => {
    return response.request().method() === 'POST' && response.url().endsWith('/api/v1/authorisations')
  })
  await dialog.getByRole('button', { name: new RegExp(`(^|: )${act.words}$`, 'i') }).click()
  const response = await answered
  expect(response.status(), await response.text()).toBe(201)
  await expect(dialog.getByRole('list', { name: 'How far it is' })).toContainText('as the test has it')
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click()
  return await response.json()
}

/** An approver downloads the text, has the command line show and sign it, and pastes what that printed. */
export async function approveByPage(page: Page, approver: Approver, { id }: AuthorisationDetail): Promise<void> {
  await page.goto(`/approvals/${id}`)
  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download it' }).click()
  const file = path.join(path.dirname(approver.keyFile), (await download).suggestedFilename())
  await (await download).saveAs(file)
  await page
    .getByLabel('Paste what it printed')
    .fill(await rebootless(['approve', file, '--key', approver.keyFile], '1\n'))
  await proveAgain(approver)
  await page.getByRole('button', { name: 'Hand the signature in' }).click()
  await expect(page.getByRole('region', { name: 'Who has signed' })).toContainText(approver.publicKey)
}
