// Goal: an operator makes a rollout by keyboard alone, sees exactly who would go when, and what is kept is that; a plan is
// begun from another's, written as YAML with a mistake that is told at its line, and nothing typed is lost. Method: the
// whole program with simulated hosts, a browser.
import { expect, type Page, test } from '@playwright/test'
import { type Program, startProgram } from '../program.ts'
import { auditAll } from './audit.ts'
import { complaintsOf, PASSWORD, signIn } from './story.ts'

/** Of this seed several have the same livepatch. */
const HOSTS = 24

let program: Program
test.beforeAll(async () => {
  program = await startProgram({
    ...{ REBOOTLESS_ADMIN_PASSWORD: PASSWORD, REBOOTLESS_RECORDED_HOSTS: '0' },
    ...{ REBOOTLESS_SIMULATED_HOSTS: `${HOSTS}`, REBOOTLESS_SIMULATION_SEED: '34' },
  })
})
test.afterAll(() => program.remove())

const DESK = { width: 1440, height: 900 }

interface Named {
  readonly id: string
  readonly name: string
}
interface Wave {
  readonly name: string
  readonly hosts: readonly Named[]
}
const read = async <T>(page: Page, path: string, params: Record<string, string | number> = {}): Promise<T> =>
  (await page.request.get(`${program.address}/api/v1${path}`, { params })).json()

const post = (page: Page, path: string, data: object) =>
  page.request.post(`${program.address}/api/v1${path}`, { data, headers: { Origin: program.address } })

/** The livepatch that most hosts have: a rollout takes it out, since that fits hosts of all kernels. */
const commonPatch = async (page: Page): Promise<string> => {
  let most = ''
  await expect
    .poll(
      async () => {
        const { items } = await read<{ items: { patches: Named[] }[] }>(page, '/hosts', { limit: 500 })
        const counts = new Map<string, number>()
        for (const { patches } of items) {
          for (const { name } of patches) counts.set(name, (counts.get(name) ?? 0) + 1)
        }
        const [first] = [...counts].sort((a, b) => b[1] - a[1])
        most = first?.[0] ?? ''
        return items.length >= HOSTS ? (first?.[1] ?? 0) : 0
      },
      { timeout: 40_000 },
    )
    .toBeGreaterThan(2)
  return most
}

const aRollout = async (page: Page, name: string): Promise<Named> => {
  const change = { kind: 'disable', patch: await commonPatch(page) }
  const waves = [
    { name: 'canary', share: { kind: 'count', hosts: 1 }, soakSeconds: 600 },
    { name: 'tenth', share: { kind: 'percent', percent: 10 }, soakSeconds: 600 },
    { name: 'rest', share: { kind: 'rest' } },
  ]
  const plan = { version: 1, name, reason: 'test', hosts: 'name:*', change, waves, gates: [{ kind: 'kernel log' }] }
  return await (await post(page, '/rollouts', { plan })).json()
}

const preview = (page: Page) => page.getByRole('region', { name: 'Who goes when' })
const reason = (page: Page) => page.getByRole('textbox', { name: 'Reason' })
const previewed = (page: Page) => expect(preview(page).getByRole('status')).toContainText(/hosts? in \d+ wave/)
/** Presses Tab until it is there, as somebody does who has no mouse. */
const tabTo = async (page: Page, target: ReturnType<Page['locator']>): Promise<void> => {
  await target.waitFor({ state: 'attached' })
  for (let presses = 0; presses < 120; presses += 1) {
    if ((await target.and(page.locator(':focus')).count()) > 0) return
    await page.keyboard.press('Tab')
  }
  throw new Error('the key Tab does not lead there')
}

test('a plan is made by keyboard alone, and is kept as it was previewed', async ({ page }) => {
  const complaints = complaintsOf(page)
  await page.setViewportSize(DESK)
  await signIn(page, program)
  const patch = await commonPatch(page)
  await page.goto(`${program.address}/rollouts`)
  await tabTo(page, page.getByRole('link', { name: 'New rollout' }).first())
  await page.keyboard.press('Enter')
  await expect(preview(page)).toContainText('Choose what is to be rolled out.')

  await tabTo(page, page.getByRole('radio', { name: 'Load a patch' }))
  await page.keyboard.press('ArrowRight')
  await tabTo(page, page.getByRole('combobox', { name: /Livepatch, as in/ }))
  await page.keyboard.type(patch)
  await expect(preview(page)).toContainText('Say which hosts it goes to.')
  await tabTo(page, page.getByRole('combobox', { name: 'Filter hosts' }))
  await page.keyboard.type('name:*')
  await page.keyboard.press('Enter')
  await previewed(page)

  await tabTo(page, page.getByRole('button', { name: 'Move wave 2 up' }))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('textbox', { name: 'Name', exact: true }).first()).toHaveValue('first tenth')
  await tabTo(page, page.getByRole('button', { name: 'Move wave 1 down' }))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: 'Move wave 2 down' })).toBeFocused()
  await tabTo(page, page.getByRole('button', { name: 'Add gate: HTTP probe' }))
  await page.keyboard.press('Enter')
  const address = page.getByRole('textbox', { name: 'Address', exact: true })
  await expect(address).toHaveAccessibleDescription(/should be an address/)
  await preview(page).getByRole('button', { name: 'gates[3].url' }).press('Enter')
  await expect(address).toBeFocused()
  await page.getByRole('button', { name: 'Remove gate 4, HTTP probe' }).press('Enter')
  await tabTo(page, page.getByRole('button', { name: 'Add a limit by label' }))
  await page.keyboard.press('Enter')
  await page.getByRole('combobox', { name: 'For each' }).fill('rack')
  await expect(preview(page)).toContainText('Of each rack, 1 at one time')
  await previewed(page)

  await page.reload()
  await expect(page.getByText('What you wrote before is here again.')).toBeVisible()
  // Of the whole reason: a preview that more typing overtakes is broken off, and has no answer.
  const answered = page.waitForResponse(
    (response) =>
      response.url().endsWith('/api/v1/rollouts/preview') &&
      response.request().postDataJSON().plan.reason === 'CVE-2026-1',
  )
  await tabTo(page, reason(page))
  await page.keyboard.type('CVE-2026-1')
  const before = await (await answered).json()
  await expect(page.getByRole('button', { name: /^Keep the plan, for \d+ host/ })).toBeVisible()
  await page.keyboard.press('Enter')

  await expect(page).toHaveURL(/\/rollouts\/[0-9a-f-]{36}$/)
  await expect(page.getByText('Nobody has started it.').first()).toBeVisible()
  const id = page.url().slice(-36)
  const { plan } = await read<{ plan: object }>(page, `/rollouts/${id}`)
  // A simulated host may have got or lost the patch just then: it was so before the plan was kept, or is so after it.
  const after = await (await post(page, '/rollouts/preview', { id, plan })).json()
  const { items } = await read<{ items: (Named & { wave: number | null })[] }>(page, `/rollouts/${id}/hosts`)
  const idsOf = (waves: readonly Wave[]) => waves.map(({ hosts }) => hosts.map((host) => host.id))
  const kept = [0, 1, 2].map((index) => items.filter(({ wave }) => wave === index).map((host) => host.id))
  expect([idsOf(before.waves), idsOf(after.waves)]).toContainEqual(kept)
  expect(kept.flat().length).toBeGreaterThan(0)
  // What was kept is no draft any more.
  await page.goto(`${program.address}/rollouts/new`)
  await expect(preview(page)).toContainText('Choose what is to be rolled out.')
  expect(complaints).toEqual([])
})

test('a plan is begun from another’s and written as YAML; a mistake is told at its line, and nothing typed is lost', async ({
  page,
}) => {
  const complaints = complaintsOf(page)
  await page.setViewportSize(DESK)
  await signIn(page, program)
  const first = await aRollout(page, 'fix of the week')
  await page.goto(`${program.address}/rollouts/${first.id}?tab=plan`)
  await expect(page.getByRole('region', { name: 'The plan as YAML' })).toContainText('kind: Rollout')
  await auditAll(page, 'the plan of a rollout')
  await page.setViewportSize(DESK)
  await page.getByRole('link', { name: 'Duplicate' }).click()
  await expect(page.getByRole('textbox', { name: 'Name', exact: true }).last()).toHaveValue(`${first.name}, again`)
  await previewed(page)
  await page.getByText('YAML', { exact: true }).click()
  const text = page.getByRole('textbox', { name: 'The plan as YAML' })
  const plan = await text.inputValue()
  const line = plan.split('\n').findIndex((one) => one.includes('percent: 10')) + 1
  await text.fill(plan.replace('percent: 10', 'percent: 1000').replace('exclude: []', 'excluded: []'))
  const mistakes = page.getByRole('list', { name: 'Mistakes' })
  await expect(mistakes).toContainText(`Line ${line}`)
  await expect(mistakes).toContainText('spec.waves[1].share.percent must be at most 100')
  await expect(mistakes).toContainText('spec.excluded is not known here: leave it out')
  await auditAll(page, 'a plan with mistakes')
  await page.setViewportSize(DESK)
  await page.reload()
  await expect(text).toHaveValue(/percent: 1000/)
  await expect(mistakes).toContainText('must be at most 100')
  await page.getByText('Form', { exact: true }).click()
  await expect(page.getByText('What is written as YAML has mistakes')).toBeVisible()
  await page.getByRole('button', { name: 'Mend it' }).click()
  await mistakes.getByRole('button', { name: `Line ${line}` }).press('Enter')
  await expect(text).toBeFocused()
  await text.fill(`# as asked for on Monday\n${plan.replace('percent: 10', 'percent: 50')}`)
  await expect(page.getByText('The form says the same.')).toBeVisible()
  await expect(page.getByRole('status').filter({ hasText: `From ${first.name} to` })).toContainText('removed')
  await expect(page.getByRole('region', { name: 'Difference' })).toContainText('percent: 50')
  await page.getByText('Form', { exact: true }).click()
  await expect(page.getByRole('textbox', { name: 'Per cent', exact: true })).toHaveValue('50')

  await page.getByRole('button', { name: 'Save as template…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Save as template' })
  await dialog.getByRole('textbox', { name: 'Name' }).fill('half at once')
  await dialog.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(dialog).toBeHidden()
  const templates = page.getByRole('combobox', { name: 'Take a template' })
  await templates.selectOption({ label: 'Careful, in the night' })
  await expect(page.getByRole('combobox', { name: 'Time zone' })).toHaveValue('UTC')
  await templates.selectOption({ label: 'half at once' })
  await expect(page.getByRole('combobox', { name: 'Time zone' })).toHaveCount(0)
  await expect(page.getByRole('textbox', { name: 'Per cent', exact: true })).toHaveValue('50')
  await previewed(page)
  await reason(page).fill('once more')
  const keep = page.getByRole('button', { name: /^Keep the plan, for/ })
  await expect(keep).toBeVisible()
  await page.context().setOffline(true)
  await keep.click()
  await expect(page.getByRole('alert')).toContainText(/Not kept\..*What you wrote is still here\./)
  await page.context().setOffline(false)
  await expect(reason(page)).toHaveValue('once more')
  await keep.click()
  await expect(page.getByRole('heading', { level: 1, name: `${first.name}, again` })).toBeVisible()
  expect(complaints).toEqual([])
})

test('the maker is for everyone: with all its parts, and where nothing is chosen yet', async ({ page }) => {
  await page.setViewportSize(DESK)
  await signIn(page, program)
  await page.goto(`${program.address}/rollouts/new`)
  await expect(preview(page)).toContainText('Choose what is to be rolled out.')
  await auditAll(page, 'the maker with nothing in it')
  await page.setViewportSize(DESK)
  const { id } = await aRollout(page, 'all parts')
  await page.goto(`${program.address}/rollouts/new?from=${id}`)
  await previewed(page)
  await preview(page).getByText('Which hosts').last().click()
  await preview(page).getByText('Left out').first().click()
  await preview(page)
    .getByRole('button', { name: /^Leave out/ })
    .first()
    .click()
  await expect(preview(page)).toContainText('The plan leaves it out by name.')
  await auditAll(page, 'who goes when')
  await page.setViewportSize(DESK)
  for (const kind of ['Transitions', 'Pressure', 'Prometheus query', 'People']) {
    await page.getByRole('button', { name: `Add gate: ${kind}` }).click()
  }
  await page.getByRole('button', { name: 'Add a window' }).click()
  await page.getByRole('button', { name: 'Add a limit by label' }).click()
  await page.getByLabel('Gates of its own, in place of those of all waves').first().check()
  await expect(page.getByRole('list', { name: 'What is to be mended' })).toContainText('gates[3].query')
  await auditAll(page, 'the maker with all its parts')
})
