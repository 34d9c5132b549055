// Goal: whoever is on call acts on a host from its page and sees what becomes of it; what is dangerous asks for more; a
// refusal says why; a freeze stops all; on a production host approvers sign with keys of their own. Method: the whole
// program with simulated kernels, on which the real agent acts; the command line as a process of its own.
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Browser, expect, type Locator, type Page, test } from '@playwright/test'
import { createFaultSchedule } from '@rebootless/server/sim/fleet/faults.ts'
import { hostPlan } from '@rebootless/server/sim/fleet/host-plan.ts'
import { simulatedModule } from '@rebootless/server/sim/fleet/simulated-module.ts'
import { type Program, startProgram } from '../program.ts'
import { withSimulatedHost } from '../simulated-host.ts'
import { auditAll } from './audit.ts'
import { complaintsOf, PASSWORD, signIn } from './story.ts'

const HOSTS = 4
/** So long its incident is away at least: on a slow machine these stories take more than three minutes. */
const QUIET_SECONDS = 240
/** No seed before it has both hosts, and each costs a millisecond to look at. */
const FIRST_SEED = 14_000

/** A host that a sleep beyond all signals stalls soon, and one with one livepatch in, to which nothing happens meanwhile. */
const cast = () => {
  for (let seed = FIRST_SEED; seed < 20_000; seed += 1) {
    const schedule = createFaultSchedule({ seed, hosts: HOSTS })
    const hosts = Array.from({ length: HOSTS }, (_, index) => ({
      plan: hostPlan(seed, index),
      incident: schedule.incident(index, 0),
    }))
    const own = hosts.filter(({ plan }) => plan.kind === 'klp' || plan.kind === 'livepatch')
    const stalled = own.find(({ incident }) => incident?.fault === 'stall_uninterruptible' && incident.atSeconds < 20)
    // A vendor's own tool may be in the middle of its work from the first.
    const calm = own.find(
      ({ plan, incident }) =>
        plan.kind === 'livepatch' &&
        (incident?.atSeconds ?? QUIET_SECONDS) >= QUIET_SECONDS &&
        plan.history.length === 1 &&
        plan.patches.length > 2,
    )
    if (stalled && calm) return { seed, stalled: stalled.plan, calm: calm.plan }
  }
  throw new Error('no seed has both hosts')
}
const { seed, stalled, calm } = cast()

let program: Program
let folder: string
test.beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rebootless-approvers-'))
  program = await startProgram({
    ...{ REBOOTLESS_ADMIN_PASSWORD: PASSWORD, REBOOTLESS_RECORDED_HOSTS: '0' },
    ...{ REBOOTLESS_SIMULATED_HOSTS: `${HOSTS}`, REBOOTLESS_SIMULATION_SEED: `${seed}` },
  })
})
test.afterAll(async () => {
  await program.remove()
  await rm(folder, { recursive: true, force: true })
})

const hostCalled = async (page: Page, name: string): Promise<string> => {
  const found = async () => {
    const answer = await page.request.get(`${program.address}/api/v1/hosts`, { params: { filter: `name:${name}` } })
    return (await answer.json()).items[0]?.id
  }
  await expect.poll(found, { message: `a host called ${name}`, timeout: 20_000 }).toBeTruthy()
  return await found()
}

const post = async (page: Page, route: string, data: object) => {
  const answer = await page.request.post(`${program.address}${route}`, { data, headers: { Origin: program.address } })
  expect([200, 201], await answer.text()).toContain(answer.status())
  return await answer.json()
}

/** Somebody else, signed in in a browser of his own. */
const person = async (page: Page, browser: Browser, username: string, role: string): Promise<Page> => {
  const { link } = await post(page, '/api/v1/users', { username, role, scope: null })
  const own = await (await browser.newContext({ locale: 'en-GB' })).newPage()
  await own.goto(`${program.address}${link.path}`)
  await expect(own.getByRole('heading', { name: 'Fleet', exact: true }).first()).toBeVisible()
  return own
}

const dialogOf = (page: Page): Locator => page.getByRole('dialog')

/** Says why, types the host's name where that is wanted, and asks. */
const ask = async (page: Page, button: string, name?: string) => {
  const dialog = dialogOf(page)
  await dialog.getByLabel('Reason').fill('the story asks for it')
  if (name !== undefined) {
    await expect(dialog.getByRole('button', { name: button, exact: true })).toBeDisabled()
    await dialog.getByLabel(`Type ${name} to go on`).fill(name)
  }
  await dialog.getByRole('button', { name: button, exact: true }).click()
}

const steps = (page: Page) => dialogOf(page).getByRole('list', { name: 'How far it is' })
const close = (page: Page) => dialogOf(page).getByRole('button', { name: 'Close', exact: true }).last().click()

test('T26 a stalled transition is reversed from the page; force says what it costs and wants the name', async ({
  page,
}) => {
  const complaints = complaintsOf(page)
  await signIn(page, program)
  const id = await hostCalled(page, stalled.name)
  await page.goto(`${program.address}/hosts/${id}?tab=transition`)
  const tasks = page.getByRole('region', { name: 'Blocking tasks' })
  await tasks.getByRole('button', { name: 'Force… the transition' }).click({ timeout: 45_000 })
  const dialog = dialogOf(page)
  await expect(dialog).toContainText('For ever, until the host restarts')
  await expect(dialog).toContainText(stalled.name)
  await expect(dialog.getByRole('list')).toContainText(/\d+ \S/)
  await dialog.getByLabel('Reason').fill('nobody knows')
  await expect(dialog.getByRole('button', { name: 'Force the transition' })).toBeDisabled()
  await expect(dialog.getByRole('status')).toContainText('name is not typed yet')
  await page.keyboard.press('Escape')

  await tasks.getByRole('button', { name: 'Reverse… the transition' }).click()
  await ask(page, 'Reverse the transition', stalled.name)
  await expect(steps(page)).toContainText('No approval is needed: the host is of class lab.')
  await expect(steps(page)).toContainText(/Done.* is out/, { timeout: 20_000 })
  await close(page)
  await page.getByRole('link', { name: /^Commands/ }).click()
  const commands = page.getByRole('list', { name: 'Commands' })
  await expect(commands).toContainText('Reverse the transition of')
  await expect(commands).toContainText('Done')
  expect(complaints).toEqual([])
})

test('a livepatch is disabled, refused without its module, and enabled with it; a module that does not fit is told so', async ({
  page,
}) => {
  const complaints = complaintsOf(page)
  await signIn(page, program)
  const id = await hostCalled(page, calm.name)
  const patch = calm.patches[calm.history[0] ?? 0]?.image.name ?? ''
  await page.goto(`${program.address}/hosts/${id}`)
  await page.getByRole('button', { name: `Disable… ${patch}` }).click()
  await expect(dialogOf(page)).toContainText('What it fixed is open again')
  await ask(page, 'Disable', calm.name)
  await expect(steps(page)).toContainText(/Done.* is out/, { timeout: 20_000 })
  await close(page)

  // The host came with it: its agent has kept no copy.
  const enable = page.getByRole('button', { name: `Enable… ${patch}`, exact: true })
  await enable.click()
  await expect(dialogOf(page)).toContainText('removed and inserted anew')
  await ask(page, 'Enable')
  await expect(steps(page)).toContainText('The host has no such module', { timeout: 20_000 })
  await expect(steps(page)).toContainText('What to do: Ask anew and choose the module')
  await auditAll(page, 'a refused command')
  await page.setViewportSize({ width: 1440, height: 900 })
  await close(page)

  await enable.click()
  await dialogOf(page).getByRole('radio', { name: patch }).check()
  await dialogOf(page).getByLabel('Allow taking it out again').check()
  await ask(page, 'Enable')
  await expect(steps(page)).toContainText(/Done.* is in/, { timeout: 20_000 })
  await close(page)
  await expect(page.getByRole('button', { name: `Disable… ${patch}` })).toBeVisible()

  // What was allowed with it: out again, for a reason.
  await page.getByRole('link', { name: /^Commands/ }).click()
  await page
    .getByRole('button', { name: /Done.*Enable/ })
    .first()
    .click()
  await page.getByRole('link', { name: 'The request' }).click()
  await page.getByRole('button', { name: 'Take it out again…' }).click()
  await expect(dialogOf(page).getByLabel('Reason')).toBeFocused()
  await dialogOf(page).getByLabel('Reason').fill('it slows the host down')
  await expect(dialogOf(page)).toContainText('The number of hosts is not typed yet.')
  await dialogOf(page).getByLabel('Type 1 to go on').fill('1')
  await page.keyboard.press('Enter')
  const taken = page.getByRole('list', { name: 'Commands' }).getByRole('button', { name: /taken out again/ })
  await expect(taken).toContainText('Done', { timeout: 20_000 })
  await page.goto(`${program.address}/hosts/${id}`)

  await page.getByRole('button', { name: /^Load… a livepatch/ }).click()
  const [other] = stalled.patches
  if (other === undefined) throw new Error('the stalled host has no patch')
  const upload = dialogOf(page).getByLabel(/Drop a module/)
  const file = { name: 'other.ko', mimeType: 'application/octet-stream' }
  const elsewhere = simulatedModule(other, { release: '5.0.0-elsewhere', architecture: stalled.architecture })
  await upload.setInputFiles({ ...file, buffer: Buffer.from(elsewhere) })
  await expect(dialogOf(page)).toContainText('It does not fit: it was built for 5.0.0-elsewhere')
  await upload.setInputFiles({ ...file, buffer: Buffer.from('no module') })
  await expect(dialogOf(page).getByRole('alert')).toContainText('no ELF file')
  await auditAll(page, 'loading a livepatch')
  expect(complaints).toEqual([])
})

test('T28 a freeze stops all from any page, stands on every page, and takes two people to lift', async ({
  page,
  browser,
}) => {
  const complaints = complaintsOf(page)
  await signIn(page, program)
  const id = await hostCalled(page, calm.name)
  await page.goto(`${program.address}/hosts/${id}`)
  await expect(page.getByRole('button', { name: 'Act', exact: true })).toBeEnabled()
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Find or go' }).fill('stop')
  await page.getByRole('option', { name: /Stop all changes/ }).click()
  await dialogOf(page).getByLabel('Reason').fill('two hosts have panicked')
  await dialogOf(page).getByRole('button', { name: 'Stop all changes' }).click()
  const band = page.getByRole('region', { name: 'All changes are stopped' })
  await expect(band).toContainText(/admin, .*two hosts have panicked/)

  await page.getByRole('main').focus()
  await page.keyboard.press('a')
  await dialogOf(page)
    .getByRole('button', { name: /^Read the host anew/ })
    .click()
  await ask(page, 'Read the host anew')
  await expect(steps(page)).toContainText('All changes are frozen.')
  await auditAll(page, 'a command that waits, under a freeze')
  await page.setViewportSize({ width: 1440, height: 900 })
  await close(page)
  await page.getByRole('link', { name: /^Commands/ }).click()
  const command = page
    .getByRole('list', { name: 'Commands' })
    .getByRole('listitem')
    .filter({ hasText: 'Read the host' })
  await expect(command).toContainText('Waiting')

  await band.getByRole('button', { name: 'Let changes go on' }).click()
  await dialogOf(page).getByRole('button', { name: 'Ask to lift it' }).click()
  await expect(dialogOf(page)).toContainText('You have asked')
  await expect(dialogOf(page).getByRole('button', { name: 'Ask to lift it' })).toBeDisabled()
  await page.keyboard.press('Escape')

  const other = await person(page, browser, 'ida', 'operator')
  await expect(other.getByRole('region', { name: 'All changes are stopped' })).toContainText(
    'admin has asked to lift it',
  )
  await other.setViewportSize({ width: 390, height: 844 })
  await other.getByRole('button', { name: 'Let changes go on' }).click()
  await dialogOf(other).getByRole('button', { name: 'Confirm: let changes go on' }).click()
  await expect(other.getByRole('region', { name: 'All changes are stopped' })).toBeHidden()
  await expect(band).toBeHidden()
  await expect(command).toContainText('Done', { timeout: 20_000 })
  await other.context().close()
  expect(complaints).toEqual([])
})

/** `rebootless`, with what somebody types. */
const rebootless = (words: readonly string[], typed = ''): Promise<{ stdout: string; stderr: string }> =>
  new Promise((resolve, reject) => {
    const child = execFile(process.execPath, ['server/dist/rebootless.mjs', ...words], (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stderr}`))
      else resolve({ stdout, stderr })
    })
    child.stdin?.end(typed)
  })

/** Makes a key by the command and registers it on the page. */
const registerKey = async (page: Page, username: string) => {
  const file = path.join(folder, `${username}.pem`)
  const publicKey = (await rebootless(['keygen', file])).stdout.trim()
  await page.goto(`${program.address}/approvals?view=keys`)
  await page.getByLabel('Name').fill('laptop')
  await page.getByLabel('Public key').fill(`${publicKey.slice(0, -2)}`)
  await page.getByRole('button', { name: 'Register the key' }).click()
  await expect(page.getByRole('alert')).toContainText('no Ed25519 public key')
  await page.getByLabel('Public key').fill(publicKey)
  await page.getByRole('button', { name: 'Register the key' }).click()
  await expect(page.getByRole('list', { name: 'Keys' })).toContainText(publicKey)
  return { name: username, publicKey, file }
}

/** One of two approvers signs all texts of a rollout over the host at once. */
const signTextsOfRollout = async (
  page: Page,
  approver: Page,
  key: { name: string; file: string },
  host: { name: string; patch: string },
) => {
  const plan = {
    ...{ version: 1, name: 'take it out', reason: 'the story asks for it', hosts: `name:${host.name}` },
    ...{ change: { kind: 'disable', patch: host.patch }, waves: [{ name: 'all', share: { kind: 'rest' } }] },
  }
  const { id } = await post(page, '/api/v1/rollouts', { plan })
  await post(page, `/api/v1/rollouts/${id}/start`, { reason: 'the story asks for it' })
  await approver.goto(`${program.address}/rollouts/${id}?tab=approvals`)
  const texts = approver.getByRole('list', { name: 'Texts' })
  await expect(texts.getByText(/^signed by nobody, \d missing$/)).toHaveCount(3)
  await auditAll(approver, 'the texts of a rollout')
  await approver.setViewportSize({ width: 1440, height: 900 })
  const download = approver.waitForEvent('download')
  await approver.getByRole('button', { name: 'Download 3 texts' }).click()
  const file = path.join(folder, (await download).suggestedFilename())
  await (await download).saveAs(file)
  const signed = await rebootless(['approve', file, '--key', key.file], '1\n')
  expect(signed.stderr).toMatch(/Text 3 of 3/)
  await approver.getByLabel('Paste what it printed').fill(signed.stdout)
  await approver.getByRole('button', { name: 'Hand 3 signatures in' }).click()
  // Disabling and reversing want two; enabling, which undoes them, wants the host's own threshold.
  await expect(texts.getByText(`signed by ${key.name}`)).toHaveCount(3)
  await expect(texts.getByText(`signed by ${key.name}, 1 missing`)).toHaveCount(2)
}

test('T25 two approvers sign a request by the command line, and then it is done on a production host', async ({
  page,
  browser,
}) => {
  const complaints = complaintsOf(page)
  await signIn(page, program)
  const people = [
    await person(page, browser, 'ada', 'approver'),
    await person(page, browser, 'ben', 'approver'),
  ] as const
  const keys = [await registerKey(people[0], 'ada'), await registerKey(people[1], 'ben')] as const
  const { token } = await post(page, '/api/v1/enrolment-tokens', {})
  const approvers = keys.map(({ name, publicKey }) => ({ name, publicKey }))
  const config = { class: 'production', approvers, threshold: 1, neverForce: true } as const
  await withSimulatedHost(
    { plan: calm, config: { ...config, approvers }, server: program.agentAddress, token },
    async (id) => {
      const patch = calm.patches[calm.history[0] ?? 0]?.image.name ?? ''
      const name = `production-${calm.name}`
      await page.goto(`${program.address}/hosts/${id}`)
      await page.getByRole('button', { name: `Disable… ${patch}` }).click({ timeout: 20_000 })
      await expect(dialogOf(page)).toContainText('Two approvers of the host, none of them whoever asks.')
      await expect(dialogOf(page)).toContainText('names ada and ben')
      await ask(page, 'Ask for approval: disable', name)
      await expect(steps(page)).toContainText('0 of 2 have signed')
      const link = steps(page).getByRole('link', { name: 'Its text, to be signed' })
      const address = `${program.address}${await link.getAttribute('href')}`

      for (const [index, own] of people.entries()) {
        const key = keys[index]
        if (key === undefined) throw new Error('no key')
        // Whatever he looks at, the rail tells him.
        await expect(own.getByRole('link', { name: /Approvals.*1 waiting for you/ })).toBeVisible()
        await own.goto(`${program.address}/approvals`)
        await own
          .getByRole('list', { name: 'Requests' })
          .getByRole('link', { name: /Waits for you/ })
          .click()
        expect(own.url()).toBe(address)
        if (index === 0) await auditAll(own, 'a request to be signed')
        await own.setViewportSize({ width: 1440, height: 900 })
        const download = own.waitForEvent('download')
        await own.getByRole('link', { name: 'Download it' }).click()
        const file = path.join(folder, (await download).suggestedFilename())
        await (await download).saveAs(file)
        const signed = await rebootless(['approve', file, '--key', key.file], '1\n')
        for (const line of [patch, id, 'the story asks for it', 'Take a livepatch out of the kernel']) {
          expect(signed.stderr).toContain(line)
          await expect(own.getByRole('main')).toContainText(line)
        }
        const sha256 = /[0-9a-f]{64}/.exec(signed.stderr.split('SHA-256 of the text')[1] ?? '')?.[0] ?? 'none'
        await expect(own.getByRole('main')).toContainText(sha256)
        await own.getByLabel('Paste what it printed').fill(signed.stdout.slice(0, 100))
        await expect(own.getByRole('alert')).toContainText('no signature in this')
        await own.getByLabel('Paste what it printed').fill(signed.stdout)
        await own.getByRole('button', { name: 'Hand the signature in' }).click()
        await expect(own.getByRole('main')).toContainText('You have signed it.')
      }
      await expect(steps(page)).toContainText('2 of 2 have signed: ada, ben')
      await expect(steps(page)).toContainText(/Done.* is out/, { timeout: 20_000 })
      await signTextsOfRollout(page, people[0], keys[0], { name, patch })
    },
  )
  for (const own of people) await own.context().close()
  expect(complaints).toEqual([])
})
