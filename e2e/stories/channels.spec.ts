// Goal: an admin makes a channel, tests it, finds what was given up and sends it again, and ends it, by the keyboard. Method: the
// whole program, and a receiver on this machine; axe on what is seen on the way.
import { createHmac, randomUUID } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, type Page, test } from '@playwright/test'
import { type Program, startProgram } from '../program.ts'
import { inDatabase } from '../stored-rows.ts'
import { auditAll } from './audit.ts'
import { complaintsOf, PASSWORD, signIn } from './story.ts'

let program: Program
const received: { headers: IncomingHttpHeaders; body: string }[] = []
const receiver = createServer(async (request, response) => {
  const parts: Buffer[] = []
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
  received.push({ headers: request.headers, body: Buffer.concat(parts).toString() })
  response.writeHead(204).end()
})
let address: string
test.beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
  program = await startProgram({ REBOOTLESS_ADMIN_PASSWORD: PASSWORD, OUTGOING_NETWORKS: '127.0.0.1' })
})
test.afterAll(async () => {
  await program.remove()
  receiver.closeAllConnections()
  receiver.close()
})

/** As a receiver does it (docs/channels.md). */
const isSignedBy = (secret: string, { headers, body }: (typeof received)[number]): boolean => {
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const own = createHmac('sha256', Buffer.from(secret.replace('whsec_', ''), 'base64'))
    .update(content)
    .digest('base64')
  return String(headers['webhook-signature']).split(' ').includes(`v1,${own}`)
}
/** By the keyboard alone: whatever is there is reached by Tab, and pressed. */
const press = async (page: Page, name: string): Promise<void> => {
  const button = page.getByRole('dialog').getByRole('button', { name })
  for (let tabs = 0; tabs < 80; tabs += 1) {
    if (await button.evaluate((element) => element.matches(':focus'))) break
    await page.keyboard.press('Tab')
  }
  await expect(button).toBeFocused()
  await page.keyboard.press('Enter')
}

test('T12 T03 a channel is made, tested, given up, sent again and deleted', async ({ page }) => {
  test.setTimeout(180_000)
  const complaints = complaintsOf(page)
  await signIn(page, program)
  await page.goto(`${program.address}/settings/channels`)
  await expect(page.getByRole('main')).toContainText('Nothing is sent anywhere yet')
  await page.getByRole('button', { name: 'Add a channel' }).press('Enter')
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByLabel('Name')).toBeFocused()
  await auditAll(page, 'a new channel')
  await press(page, 'Add the channel')
  // What is wrong has the focus, however far above the button it is.
  await expect(dialog.getByLabel('Name')).toBeFocused()
  await page.keyboard.type('archive')
  await dialog.getByLabel('Address').fill(address)
  await dialog.getByLabel('Signed heads of the audit log').check()
  await press(page, 'Add the channel')
  const secret = (await dialog.getByText(/^whsec_/).textContent()) ?? ''
  await dialog.getByRole('button', { name: 'Send a test' }).click()
  await expect(dialog).toContainText('It was taken: 204.')
  // Alerts of a busy machine may come besides.
  const tests = received.filter((one) => JSON.parse(one.body).type === 'channel.tested')
  expect(tests.map((one) => isSignedBy(secret, one))).toEqual([true])
  await press(page, 'Done')
  await expect(page.getByRole('list', { name: 'Channels' })).toContainText('heads of the audit log every 15 minutes')
  await page.reload()
  await expect(page.getByRole('main')).not.toContainText('whsec_')

  // As it would be after a day without a receiver.
  await inDatabase(program.dataDirectory, async (database) => {
    const { id } = await database.selectFrom('channels').select('id').executeTakeFirstOrThrow()
    const body = {
      type: 'channel.tested',
      timestamp: new Date().toISOString(),
      data: { channel: 'archive', by: 'admin' },
    }
    const now = new Date()
    const given = {
      summary: 'web-1 stalled\u202e',
      state: 'dead',
      attempts: 3,
      status: 413,
      detail: 'The receiver answered 413.',
    } as const
    await database
      .insertInto('channel_deliveries')
      .values({
        ...{ id: randomUUID(), channel_id: id, type: 'channel.tested', body: JSON.stringify(body), ...given },
        ...{ created_at: now, due_since: now, ended_at: now },
      })
      .execute()
  })
  const row = page.getByRole('listitem').filter({ hasText: 'archive' })
  await expect(row).toContainText('1 given up', { timeout: 20_000 })
  await auditAll(page, 'the list of channels')
  await row.getByRole('link', { name: 'archive' }).press('Enter')
  await expect(dialog.getByRole('radio', { name: /Given up/ })).toBeChecked()
  await auditAll(page, 'a channel')
  await press(page, 'Send again')
  await expect(dialog).toContainText('Nothing was given up.', { timeout: 20_000 })
  await dialog.getByRole('radio', { name: 'Given up' }).focus()
  await page.keyboard.press('ArrowLeft')
  await expect(dialog.getByRole('list', { name: 'Messages' })).toContainText('web-1 stalled\\u202e', {
    timeout: 20_000,
  })
  expect(isSignedBy(secret, received.at(-1) ?? { headers: {}, body: '' })).toBe(true)

  await press(page, 'Delete…')
  await page.keyboard.type('no longer used')
  await dialog.getByLabel('Type archive to go on').fill('archive')
  await press(page, 'Delete the channel')
  await expect(page.getByRole('main')).toContainText('Nothing is sent anywhere yet')
  expect(complaints).toEqual([])
})
