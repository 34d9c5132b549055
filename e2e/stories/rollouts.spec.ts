// Goal: somebody starts a rollout, sees why it stands where it stands, pauses it, leaves a host out, lets it go on and sees it
// done, by keyboard alone; the list, the palette, the title and the table tell the same. Method: the whole program with
// simulated hosts to which nothing else happens meanwhile, a browser.
import { expect, type Locator, type Page, test } from '@playwright/test'
import { type HostPlan, hostPlan } from '@rebootless/server/sim/fleet/host-plan.ts'
import { type Program, startProgram } from '../program.ts'
import { auditAll } from './audit.ts'
import { complaintsOf, expectNoSidewaysScroll, PASSWORD, signIn } from './story.ts'

const HOSTS = 6
const CAST = 3

/** Hosts for which a newer livepatch is published than they have, and to which nothing happens for the time of the story. */
const cast = (): { seed: number; plans: HostPlan[] } => {
  for (let seed = 0; seed < 20_000; seed += 1) {
    const plans = Array.from({ length: HOSTS }, (_, index) => hostPlan(seed, index)).filter((plan) => {
      const loads = plan.kind === 'klp' || plan.kind === 'livepatch'
      return loads && plan.condition === 'behind' && (plan.history.at(-1) ?? 0) < plan.patches.length - 1
    })
    if (plans.length >= CAST) return { seed, plans: plans.slice(0, CAST) }
  }
  throw new Error('no seed has such hosts')
}
const { seed, plans } = cast()

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

const post = (page: Page, path: string, data: object) =>
  page.request.post(`${program.address}/api/v1${path}`, { data, headers: { Origin: program.address } })

/** The newest published for each host of the cast. */
const newestFiles = async (page: Page): Promise<string[]> => {
  const answer = await page.request.get(`${program.address}/api/v1/patches`, {
    params: { filter: 'kind:module', limit: 500 },
  })
  const { items } = (await answer.json()) as { items: { id: string; name: string; module: { release: string } }[] }
  const found = plans.flatMap(({ release, patches }) => {
    const newest = patches.at(-1)?.image.name
    return items.find(({ name, module }) => name === newest && module.release === release)?.id ?? []
  })
  return [...new Set(found)]
}

/** Kept, with one host in its first wave and a person's approval behind it, once all hosts of the cast can take it. */
const makeRollout = async (page: Page): Promise<string> => {
  let id = ''
  await expect(async () => {
    const plan = {
      ...{ version: 1, name: 'nfs4 in three', reason: 'CVE-2026-1' },
      change: { kind: 'load', patches: await newestFiles(page) },
      hosts: `name:${plans.map(({ name }) => name).join(',')}`,
      waves: [
        {
          name: 'canary',
          share: { kind: 'count', hosts: 1 },
          soakSeconds: 1,
          gates: [{ kind: 'transitions', percent: 100, withinSeconds: 300 }, { kind: 'approval' }],
        },
        { name: 'rest', share: { kind: 'rest' } },
      ],
    }
    const preview = await (await post(page, '/rollouts/preview', { plan })).json()
    expect(preview.others, JSON.stringify(preview.others)).toEqual([])
    expect(preview.waves.map(({ hosts }: { hosts: object[] }) => hosts.length)).toEqual([1, CAST - 1])
    const made = await post(page, '/rollouts', { plan })
    expect(made.status(), await made.text()).toBe(201)
    id = (await made.json()).id
  }).toPass({ timeout: 45_000, intervals: [1000] })
  return id
}

/** Presses a button of the page, and says in the dialog why. */
const act = async (page: Page, button: Locator, title: string): Promise<void> => {
  await button.focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: title })
  await expect(dialog.getByLabel('Reason')).toBeFocused()
  await page.keyboard.type('the story asks for it')
  await page.keyboard.press('Enter')
  await expect(dialog).toBeHidden()
}

test('a rollout is started, paused, goes on without one host, and is done, by keyboard alone', async ({ page }) => {
  const complaints = complaintsOf(page)
  await page.setViewportSize(DESK)
  await signIn(page, program)
  await page.goto(`${program.address}/rollouts`)
  await expect(page.getByRole('heading', { name: 'No rollout yet' })).toBeVisible()
  const id = await makeRollout(page)

  // What another has made comes by itself.
  const row = page.getByRole('list', { name: 'Rollouts' }).getByRole('listitem')
  await expect(row).toContainText('Nobody has started it.')
  await page.goto(`${program.address}/`)
  await expect(page.getByRole('heading', { level: 1, name: 'Fleet' })).toBeVisible()
  await expect(async () => {
    await page.keyboard.press('g')
    await page.keyboard.press('r')
    await expect(page).toHaveURL(/\/rollouts$/, { timeout: 1000 })
  }).toPass()
  await expect(row).toBeVisible()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(`/rollouts/${id}`))

  const why = page.getByRole('region', { name: 'Why it stands where it stands' })
  const acts = page.getByRole('list', { name: 'What can be done' })
  const stages = page.getByRole('list', { name: 'Hosts by stage' })
  await expect(why).toContainText('Nobody has started it.')
  await act(page, acts.getByRole('button', { name: /^Start/ }), 'Start')
  await expect(why).toContainText(/canary stands at its gate: approval: 0 of 1/, { timeout: 40_000 })
  await expect(stages).toContainText(`done1`)
  await auditAll(page, 'a rollout at its gate')
  await page.setViewportSize(DESK)

  await act(page, acts.getByRole('button', { name: /^Pause/ }), 'Pause')
  await expect(why).toContainText('Paused: admin: the story asks for it')
  await expect(page).toHaveTitle(/^Paused · nfs4 in three/)
  const promote = acts.getByRole('button', { name: /^Promote/ })
  await expect(promote).toHaveAccessibleName(/Not now: It is paused/)
  await promote.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: 'Promote' })).toContainText('Not now. It is paused')
  await page.keyboard.press('Escape')
  await expect(promote).toBeFocused()

  await page.getByRole('listbox', { name: 'Hosts of wave 2, rest' }).focus()
  await page.keyboard.press('End')
  const left = await page.getByRole('option', { selected: true }).textContent()
  await page.keyboard.press('Enter')
  const host = page.getByRole('dialog', { name: left?.split(',')[0] ?? 'nobody' })
  await expect(host).toContainText('waiting')
  await auditAll(page, 'a host of a rollout')
  await page.setViewportSize(DESK)
  await act(page, host.getByRole('button', { name: 'Leave it out…' }), 'Leave a host out')
  await expect(stages).toContainText('left out1')

  await act(page, acts.getByRole('button', { name: /^Resume/ }), 'Resume')
  await act(page, page.getByRole('button', { name: 'Let it pass…' }), 'Approve the gate')
  await expect(why).toContainText(`Done: ${CAST - 1} done, 1 left out.`, { timeout: 40_000 })
  const log = page.getByRole('list', { name: 'Decisions, newest first' })
  for (const sentence of ['admin started it.', 'admin paused it.', 'admin resumed it.', 'canary pass its gate']) {
    await expect(log).toContainText(sentence)
  }

  await page.keyboard.press('m')
  await expect(page).toHaveURL(/tab=hosts/)
  const table = page.getByRole('table', { name: 'Hosts of the rollout' })
  await expect(table.getByRole('row')).toHaveCount(1 + CAST)
  await expect(table.getByRole('row').filter({ hasText: 'left out' })).toContainText('the story asks for it')
  await auditAll(page, 'the hosts of a rollout as a table')
  await page.setViewportSize(DESK)
  await page.getByLabel('Stage').selectOption('done')
  await expect(page).toHaveURL(/stage=done/)
  await page.reload()
  await expect(table.getByRole('row')).toHaveCount(CAST)

  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Find or go' }).fill('nfs4')
  await expect(page.getByRole('option', { name: /nfs4 in three/ })).toBeVisible()
  await page.keyboard.press('Escape')
  await page.goto(`${program.address}/rollouts?phase=done`)
  await expect(row).toHaveCount(1)
  await auditAll(page, 'the rollouts')
  await page.getByLabel('State').selectOption('paused')
  await expect(page.getByRole('heading', { name: 'No rollout is at this state' })).toBeVisible()
  expect(complaints).toEqual([])
})

test('what is dangerous wants the number of hosts and a reason, also on a phone', async ({ page }) => {
  const complaints = complaintsOf(page)
  await page.setViewportSize({ width: 390, height: 844 })
  await signIn(page, program)
  const answer = await page.request.get(`${program.address}/api/v1/rollouts`)
  const { items } = (await answer.json()) as { items: { id: string }[] }
  await page.goto(`${program.address}/rollouts/${items[0]?.id}`)
  const acts = page.getByRole('list', { name: 'What can be done' })
  await acts.getByRole('button', { name: /^Reverse/ }).click()
  const dialog = page.getByRole('dialog', { name: 'Reverse' })
  await dialog.getByLabel('Undo from this wave on').selectOption({ index: 1 })
  await dialog.getByLabel('It pauses').check()
  await expect(dialog).toContainText('It touches 1 host.')
  await expectNoSidewaysScroll(page)
  const reverse = dialog.getByRole('button', { name: 'Reverse' })
  await expect(reverse).toBeDisabled()
  await dialog.getByLabel('Reason').fill('it was the wrong one')
  await expect(dialog).toContainText('The number of hosts is not typed yet.')
  await dialog.getByLabel('Type 1 to go on').fill('1')
  await reverse.click()
  await expect(dialog).toBeHidden()
  const why = page.getByRole('region', { name: 'Why it stands where it stands' })
  await expect(why).toContainText(/it was the wrong one/, { timeout: 40_000 })
  await expect(page.getByRole('list', { name: 'Hosts by stage' })).toContainText('done1', { timeout: 40_000 })
  await auditAll(page, 'a rollout that was undone in part')
  expect(complaints).toEqual([])
})
