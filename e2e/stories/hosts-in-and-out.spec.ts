// Goal: hosts come in by a person's hand and go out by one, and nobody else's. Method: the built agent as a process of its
// own, the pages of enrolment and of the host, axe on each.
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from '@playwright/test'
import { type Ended, end, runBuilt, spawnBuilt } from '../program.ts'
import { auditAll } from './audit.ts'
import { story } from './story.ts'

let folder: string
story.beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rebootless-agent-'))
})
story.afterEach(() => rm(folder, { recursive: true, force: true }))

/** The agent's own words for a data directory of this name. */
const at = (name: string) => [
  '--data',
  path.join(folder, name),
  '--config',
  path.join(folder, 'there-is-no-agent.json'),
]
const agent = (name: string, ...words: string[]): Promise<Ended> => runBuilt('agent.mjs', [...words, ...at(name)])

story(
  'T16 T18 a host without a token is let in by its key, quarantined, and removed for good',
  async ({ signedIn: page }) => {
    const hostName = `waits-${randomBytes(4).toString('hex')}`
    await page.goto('/settings/enrolment')
    const room = page.getByRole('region', { name: 'Waiting room' })
    const shown = room.getByText(/^rebootless-agent enrol /)
    await expect(shown).toBeVisible()
    const fingerprint = / --ca-fingerprint ([0-9a-f]{64})$/.exec((await shown.textContent()) ?? '')?.[1] ?? 'none'
    await expect(page.getByRole('region', { name: 'Certificate authority' })).toContainText(fingerprint)
    await expect(room.getByText(/^curl .* sha256sum -c /)).toBeVisible()
    const [, ...words] = ((await shown.textContent()) ?? '').split(' ')
    const asking = spawnBuilt('agent.mjs', [...words, '--name', hostName, ...at('waits')])
    const row = room.getByRole('listitem').filter({ hasText: hostName })
    await expect(row).toBeVisible({ timeout: 15_000 })
    const key = asking.output().match(/^ {2}((?:[a-z2-7]{4} ?)+)$/m)?.[1] ?? ''
    expect(key).toHaveLength(64)
    await expect(row).toContainText(key)

    await row.getByRole('button', { name: 'Let in…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('The last eight characters').fill('aaaa aaaa')
    await expect(dialog).toContainText('That is another key: do not let it in.')
    await expect(dialog.getByRole('button', { name: 'Let in' })).toBeDisabled()
    await dialog.getByLabel('The last eight characters').fill(key.slice(-9))
    await dialog.getByLabel('Labels').fill('Env:story')
    await expect(dialog).toContainText('“Env” is no key')
    await dialog.getByLabel('Labels').fill('env:story')
    await auditAll(page, 'Let in')
    await page.setViewportSize({ width: 1440, height: 900 })
    await dialog.getByRole('button', { name: 'Let in' }).click()
    await expect(dialog).toBeHidden()
    await expect.poll(asking.output, { timeout: 15_000 }).toMatch(/Enrolled as host [0-9a-f-]{36}/)
    const [hostId = ''] = asking.output().match(/[0-9a-f-]{36}/) ?? []
    await expect(row).toBeHidden({ timeout: 10_000 })

    const running = spawnBuilt('agent.mjs', ['run', ...at('waits')])
    try {
      await page.goto(`/hosts/${hostId}`)
      const main = page.getByRole('main')
      await expect(main.getByRole('link', { name: 'env:story' })).toBeVisible()
      await expect(main.getByText('not connected')).toBeHidden({ timeout: 15_000 })
      const identity = page.getByRole('dialog', { name: `Identity of ${hostName}` })
      await main.getByRole('button', { name: 'Identity' }).click()
      await expect(identity).toContainText('let in by admin')
      await identity.getByRole('button', { name: 'Quarantine…' }).click()
      await expect(identity.getByRole('button', { name: 'Quarantine' })).toBeDisabled()
      await identity.getByLabel('Reason').fill('left on a train')
      await identity.getByRole('button', { name: 'Quarantine' }).click()
      const band = main.getByRole('region', { name: 'This host is quarantined' })
      await expect(band).toContainText('left on a train')
      await expect(identity.getByRole('button', { name: 'Lift the quarantine…' })).toBeFocused()
      await page.keyboard.press('Enter')
      await identity.getByLabel('Reason').fill('found again')
      await identity.getByRole('button', { name: 'Lift the quarantine' }).click()
      await expect(band).toBeHidden()

      const removal = identity.getByRole('region', { name: 'Remove the host' })
      await removal.getByRole('button', { name: 'Remove the host…' }).click()
      const remove = removal.getByRole('button', { name: 'Remove', exact: true })
      await removal.getByLabel('Reason').fill('sold')
      await removal.getByLabel(`Type ${hostName}`).fill('another')
      await expect(remove).toBeDisabled()
      await removal.getByLabel(`Type ${hostName}`).fill(hostName)
      await auditAll(page, 'Identity')
      await page.setViewportSize({ width: 1440, height: 900 })
      await remove.click()
      await expect(page).toHaveURL(/\/hosts$/)
      expect((await page.request.get(`/api/v1/hosts/${hostId}`)).status()).toBe(404)
      await expect.poll(running.output).toContain('certificate of this agent was revoked')
      const log = await page.request.get('/api/v1/audit', { params: { filter: 'action:host.remove' } })
      if (log.ok()) expect(await log.text()).toContain(hostName)
    } finally {
      await end(running.child, 'SIGKILL')
      await end(asking.child, 'SIGKILL')
    }
  },
)

story(
  'T15 a token for two hosts is listed with those that came, and a revoked one is refused',
  async ({ signedIn: page }) => {
    await page.goto('/settings/enrolment')
    const add = page.getByRole('region', { name: 'Add hosts' })
    const list = page.getByRole('region', { name: 'Join tokens' })
    const make = async (uses: number) => {
      await add.getByLabel('Hosts').fill(String(uses))
      await add.getByLabel('Labels').fill('rack:story')
      await add.getByRole('button', { name: 'Make a join token' }).click()
      const shown = add.getByText(/^rebootless-agent enrol /)
      await expect(shown).toBeVisible()
      return ((await shown.textContent()) ?? '').split(' ').slice(1)
    }
    const words = await make(2)
    await expect(add).toContainText('It works for 2 hosts')
    await expect(add).toContainText('Only this machine reaches https://127.0.0.1')
    const install = (await add.getByText(/^curl /).textContent()) ?? ''
    const [, url = '', sha256 = ''] = install.match(/(https:\S+) .*echo '([0-9a-f]{64})/) ?? []
    // The file that the command fetches is the one that the page vouches for, and the agent that is built.
    expect(await sha256Of(await fetchUnverified(url))).toBe(sha256)

    const names = ['a', 'b', 'c'].map((letter) => `${letter}-${randomBytes(4).toString('hex')}`)
    const results = []
    for (const name of names) results.push((await agent(name, ...words, '--name', name)).code)
    expect(results).toEqual([0, 0, 5])
    await expect(add.getByRole('link', { name: names[1] ?? '' })).toBeVisible()
    await expect(add).toContainText('The command has served.')
    const used = list.getByRole('listitem').filter({ hasText: names[0] ?? '' })
    await expect(used).toContainText('2 of 2 hosts came', { timeout: 15_000 })
    await expect(used).toContainText('rack:story')
    await expect(used.getByRole('link', { name: names[1] ?? '' })).toBeVisible()

    await add.getByRole('button', { name: 'Done' }).click()
    const more = await make(1)
    const open = list.getByRole('listitem').filter({ hasText: 'Open' }).first()
    await open.getByRole('button', { name: 'Revoke' }).click()
    const revoking = page.getByRole('dialog', { name: 'Revoke the join token' })
    await revoking.getByLabel('Reason').fill('made once too often')
    await revoking.getByRole('button', { name: 'Revoke' }).click()
    await expect(list.getByRole('listitem').first()).toContainText('revoked by admin')
    expect(await agent('late', ...more, '--name', 'late')).toMatchObject({ code: 5 })
    await auditAll(page, 'Enrolment')
  },
)

const sha256Of = async (bytes: Buffer): Promise<string> => createHash('sha256').update(bytes).digest('hex')

/** As `curl -k` does. */
const fetchUnverified = (url: string): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    get(url, { rejectUnauthorized: false, agent: false }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('end', () => resolve(Buffer.concat(parts)))
    }).on('error', reject)
  })
