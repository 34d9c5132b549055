// Goal: a file is looked at before it is kept, and the catalogue says what each patch is, where it fits and why not, and what
// another would change. Method: modules that were built for real kernels, the whole program with simulated hosts, a browser.
import path from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { BUILT_FOLDER, builtModule } from '@rebootless/server/bff/patches/module/test-built.ts'
import { hostPlan } from '@rebootless/server/sim/fleet/host-plan.ts'
import { type Program, startProgram } from '../program.ts'
import { auditAll } from './audit.ts'
import { complaintsOf, expectNoSidewaysScroll, PASSWORD, signIn } from './story.ts'

const HOSTS = 3

/** A host to which nothing happens meanwhile, with one livepatch in and newer ones published. */
const cast = () => {
  for (let seed = 0; seed < 20_000; seed += 1) {
    for (let index = 0; index < HOSTS; index += 1) {
      const plan = hostPlan(seed, index)
      const behind = plan.kind === 'klp' && plan.condition === 'behind' && plan.history.length === 1
      if (behind && plan.patches.length > 2) return { seed, plan }
    }
  }
  throw new Error('no seed has such a host')
}
const { seed, plan } = cast()

let program: Program
test.beforeAll(async () => {
  program = await startProgram({
    ...{ REBOOTLESS_ADMIN_PASSWORD: PASSWORD, REBOOTLESS_RECORDED_HOSTS: '0' },
    ...{ REBOOTLESS_SIMULATED_HOSTS: `${HOSTS}`, REBOOTLESS_SIMULATION_SEED: `${seed}` },
    REBOOTLESS_SIMULATED_INCIDENTS: 'off',
  })
})
test.afterAll(() => program.remove())

const DESK = { width: 1440, height: 900 }
const drawer = (page: Page) => page.getByRole('dialog', { name: /to look at/ })
const built = (name: string) => ({
  ...{ name: `${path.basename(name)}.ko`, mimeType: 'application/octet-stream', buffer: builtModule(name) },
})

interface Entry {
  readonly id: string
  readonly name: string
  readonly module: { readonly release: string; readonly architecture: string } | null
}
const entries = async (page: Page, filter: string): Promise<Entry[]> => {
  const answer = await page.request.get(`${program.address}/api/v1/patches`, { params: { filter, limit: 500 } })
  return (await answer.json()).items
}

/** The modules published for the host of the story, oldest first. */
const published = async (page: Page): Promise<Entry[]> => {
  const found = async () => {
    const all = await entries(page, `release:${plan.release} arch:${plan.architecture}`)
    const names = plan.patches.map(({ image }) => image.name)
    return names.flatMap((name) => all.find((one) => one.name === name) ?? [])
  }
  await expect.poll(async () => (await found()).length, { timeout: 30_000 }).toBe(plan.patches.length)
  return await found()
}

test('T14 a real module is read and shown before it is kept; what is none is refused, and nothing of it stays', async ({
  page,
}) => {
  const complaints = complaintsOf(page)
  await signIn(page, program)
  await page.goto(`${program.address}/`)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  // The second key counts only soon after the first, which a busy machine may not manage at once.
  await expect(async () => {
    await page.keyboard.press('g')
    await page.keyboard.press('p')
    await expect(page).toHaveURL(/\/patches$/, { timeout: 1000 })
  }).toPass()
  const upload = page.getByLabel('Modules to upload')
  await upload.setInputFiles([built('6.12/lpi_objects')])
  const file = drawer(page).getByRole('region', { name: 'lpi_objects.ko' })
  await expect(file).toContainText('lpi_objects is a livepatch for 6.12')
  await expect(file.getByRole('list', { name: 'Warnings' })).toContainText('It is not signed')
  await expect(file).toContainText('4 functions in 4 objects')
  await expect(file).toContainText('ext4: pre_patch, post_unpatch')
  expect(await entries(page, 'name:lpi_objects')).toEqual([])
  await auditAll(page, 'a file that is looked at')
  await page.setViewportSize(DESK)
  await file.getByLabel('CVEs by hand').fill('2024-1086')
  await expect(file.getByRole('alert')).toContainText('is no CVE')
  await file.getByLabel('CVEs by hand').fill('CVE-2024-1086')
  await file.getByRole('button', { name: 'Keep it', exact: true }).click()
  await file.getByRole('link', { name: 'Open lpi_objects' }).click()

  await expect(page.getByRole('heading', { level: 2, name: 'lpi_objects' })).toBeVisible()
  await expect(page.getByRole('list', { name: 'CVEs' })).toContainText(/CVE-2024-1086\s*by hand/)
  await auditAll(page, 'a patch')
  await page.setViewportSize(DESK)
  await page.getByRole('link', { name: /^Functions/ }).click()
  const functions = page.getByRole('list', { name: 'Functions' })
  await expect(functions.getByRole('heading', { name: /ext4/ })).toBeVisible()
  await page.keyboard.press('/')
  await page.keyboard.type('veth')
  await expect(page).toHaveURL(/find=veth/)
  await expect(functions.getByRole('heading', { name: /ext4/ })).toBeHidden()
  await expect(functions.getByRole('heading', { name: /veth/ })).toBeVisible()

  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Find or go' }).fill('cve-2024-1086')
  await expect(page.getByRole('option', { name: /lpi_objects/ })).toBeVisible()
  await page.keyboard.press('Escape')

  await page.goto(`${program.address}/patches`)
  await expect(page.getByRole('table', { name: 'Patches' })).toBeVisible()
  const dataTransfer = await page.evaluateHandle(`(() => {
    const dropped = new DataTransfer()
    dropped.items.add(new File(['no module'], 'holiday.ko'))
    return dropped
  })()`)
  await page.dispatchEvent('main', 'dragenter', { dataTransfer })
  await expect(page.getByText('Drop livepatch modules')).toBeVisible()
  await page.dispatchEvent('main', 'drop', { dataTransfer })
  await expect(page.getByText('Drop livepatch modules')).toBeHidden()
  await expect(drawer(page).getByRole('alert')).toContainText(/nothing of it is kept.*no ELF file/)
  await page.keyboard.press('Escape')
  await upload.setInputFiles([path.join(BUILT_FOLDER, 'packed', 'two.rpm')])
  await expect(drawer(page).getByRole('alert')).toContainText('The package holds 2 livepatch modules')
  await page.keyboard.press('Escape')
  await upload.setInputFiles([built('6.12/lpi_objects')])
  await expect(drawer(page)).toContainText('It is in the catalogue already.')
  expect(complaints).toEqual([])
})

test('several files make a set, and an entry goes once nothing needs it', async ({ page }) => {
  const complaints = complaintsOf(page)
  await signIn(page, program)
  await page.goto(`${program.address}/patches`)
  await page.getByLabel('Modules to upload').setInputFiles([built('6.1/lpi_plain'), built('6.12/lpi_plain')])
  await drawer(page).getByRole('button', { name: 'Keep all 2' }).click()
  const kept = drawer(page)
    .getByRole('status')
    .filter({ hasText: /^Kept\./ })
  await expect(kept).toHaveCount(2)
  await expect(drawer(page)).toContainText('2 modules in the catalogue')
  await drawer(page).getByRole('button', { name: 'Make a set of these 2' }).click()
  const dialog = page.getByRole('dialog', { name: 'Make a set' })
  await expect(dialog.getByRole('checkbox', { checked: true })).toHaveCount(2)
  await expect(dialog.getByRole('status')).toContainText('A name is missing.')
  await dialog.getByLabel('Name').fill('a plain fix')
  await dialog.getByRole('button', { name: 'Make the set' }).click()
  await expect(page.getByRole('list', { name: 'Modules of the set' }).getByRole('link')).toHaveCount(2)

  await page.getByRole('list', { name: 'Modules of the set' }).getByRole('link').first().click()
  const remove = page.getByRole('button', { name: 'Delete…' })
  await expect(remove).toBeDisabled()
  await expect(remove).toHaveAttribute('title', /part of the set a plain fix/)
  await page.getByRole('list', { name: 'Sets' }).getByRole('link', { name: 'a plain fix' }).click()
  await remove.click()
  await page.getByLabel('Type a plain fix to go on').fill('a plain fix')
  await page.getByLabel('Reason').fill('made by mistake')
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await expect(page).toHaveURL(/\/patches$/)
  expect(await entries(page, 'kind:set')).toEqual([])
  expect(complaints).toEqual([])
})

test('the page says which hosts can take a patch, why others cannot, and asks for it on those that can', async ({
  page,
}) => {
  const complaints = complaintsOf(page)
  await signIn(page, program)
  const newest = (await published(page)).at(-1)
  await page.goto(`${program.address}/patches/${newest?.id}?tab=hosts`)
  const hosts = page.getByRole('list', { name: 'Hosts', exact: true })
  const choices = page.getByRole('navigation', { name: 'Hosts by answer and reason' })
  // The page asks when it is opened, and the host may have yet to come.
  await expect(async () => {
    await page.reload()
    await expect(page.getByText(/^1 of \d hosts can take it/)).toBeVisible({ timeout: 3000 })
  }).toPass({ timeout: 40_000 })
  await choices.getByRole('link', { name: /^Can take it/ }).click()
  await expect(page).toHaveURL(/fits=yes/)
  await expect(hosts.getByRole('listitem').getByRole('link')).toHaveText(plan.name)
  await page.reload()
  await expect(hosts.getByRole('listitem').getByRole('link')).toHaveText(plan.name)
  await choices.getByRole('link', { name: /^Can take it.*show all/ }).click()
  await choices.getByRole('link', { name: /^Another kernel/ }).click()
  await expect(hosts).toContainText(`It was built for ${plan.release}`)
  await auditAll(page, 'the hosts of a patch')
  await page.setViewportSize(DESK)
  await page.getByRole('link', { name: 'Forecast' }).click()
  await expect(page.getByText(/Of 1 host with a kernel that it is for/)).toBeVisible()
  await expect(page.getByRole('heading', { name: 'What cannot be known from here' })).toBeVisible()

  await page.getByRole('button', { name: 'Load on hosts…' }).click()
  const dialog = page.getByRole('dialog', { name: /^Load / })
  await expect(dialog.getByRole('status')).toContainText('No host is chosen yet.')
  await dialog.getByRole('checkbox', { name: plan.name }).check()
  await dialog.getByLabel('Reason').fill('the story asks for it')
  await dialog.getByRole('button', { name: 'Load on 1 host' }).click()
  await expect(page).toHaveURL(/\/approvals\//)
  await expect(page.getByRole('list', { name: 'Commands' })).toContainText('Done', { timeout: 25_000 })
  await page.goto(`${program.address}/patches/${newest?.id}?tab=hosts&reason=already_there`)
  await expect(hosts).toContainText(plan.name, { timeout: 10_000 })
  expect(complaints).toEqual([])
})

test('two patches are compared function by function, also on a phone; the catalogue is filtered by its address', async ({
  page,
}) => {
  const complaints = complaintsOf(page)
  await signIn(page, program)
  const [oldest, next] = await published(page)
  await page.goto(`${program.address}/patches/compare?left=${oldest?.id}`)
  await page.getByLabel('What is to come').selectOption({ value: next?.id ?? '' })
  await expect(page).toHaveURL(new RegExp(`right=${next?.id}`))
  await expect(page.getByText(`Loaded after ${oldest?.name}, ${next?.name} takes its place.`)).toBeVisible()
  const functions = page.getByRole('list', { name: 'Compared functions' })
  await expect(functions.getByRole('listitem').first()).toContainText(/added|removed|moved/)
  await page.getByRole('button', { name: 'The same too' }).click()
  await expect(functions).toContainText('same')
  await auditAll(page, 'two patches compared')

  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(`${program.address}/patches?filter=release:${plan.release}`)
  const list = page.getByRole('list', { name: 'Patches' })
  await expect(list.getByRole('listitem')).toHaveCount((await entries(page, `release:${plan.release}`)).length)
  await expectNoSidewaysScroll(page)
  await page.goto(`${program.address}/patches?filter=colour:red`)
  await expect(page.getByRole('alert')).toContainText('no filter key')
  await page.goto(`${program.address}/patches`)
  await expect(list).toBeVisible()
  await auditAll(page, 'the catalogue')
  expect(complaints).toEqual([])
})
