// Goal: simulated hosts are there without any setting, marked wherever they are seen, and what befalls one is seen as on
// a real host. Method: the whole program with few of them, by a seed with which one stalls soon; a browser.

import { expect, test } from '@playwright/test'
import { createFaultSchedule } from '@rebootless/server/sim/fleet/faults.ts'
import { hostPlan } from '@rebootless/server/sim/fleet/host-plan.ts'
import { startProgram } from '../program.ts'
import { PASSWORD, signIn } from './story.ts'

const HOSTS = 4

/** One whose stall comes after the page is open, and ends soon, since the kernel's signal is enough. */
const soonStalled = () => {
  for (let seed = 0; seed < 5_000; seed += 1) {
    const schedule = createFaultSchedule({ seed, hosts: HOSTS })
    for (let index = 0; index < HOSTS; index += 1) {
      const incident = schedule.incident(index, 0)
      const soon = incident?.fault === 'stall_interruptible' && incident.atSeconds < 25
      // SUSE's package lists tell of newer patches, and the host would be exposed all the same.
      const plan = hostPlan(seed, index)
      if (soon && incident.hold && plan.kind !== 'klp') return { seed, plan, hold: incident.hold }
    }
  }
  throw new Error('no seed lets a host stall soon')
}

test('a simulated host stalls by a task that is named, and goes on; it is marked on every page', async ({ page }) => {
  const { seed, plan, hold } = soonStalled()
  const program = await startProgram({
    ...{ REBOOTLESS_ADMIN_PASSWORD: PASSWORD, REBOOTLESS_RECORDED_HOSTS: '0' },
    ...{ REBOOTLESS_SIMULATED_HOSTS: `${HOSTS}`, REBOOTLESS_SIMULATION_SEED: `${seed}` },
  })
  try {
    await signIn(page, program)
    const find = async (filter: string): Promise<{ id: string; name: string; origin: string }[]> => {
      const answer = await page.request.get(`${program.address}/api/v1/hosts`, { params: { filter } })
      return (await answer.json()).items
    }
    await expect.poll(async () => (await find('origin:simulated')).length).toBe(HOSTS)
    const [host] = await find(`name:${plan.name}`)
    await page.goto(`${program.address}/hosts/${host?.id}?tab=transition`)
    await expect(page.getByRole('main').getByText('simulated', { exact: true })).toBeVisible()

    const culprit = page
      .getByRole('region', { name: 'Blocking tasks' })
      .getByRole('listitem')
      .filter({ has: page.getByRole('button', { name: new RegExp(hold.comm) }) })
    await expect(culprit).toContainText(hold.function.split(':')[1] ?? '', { timeout: 40_000 })
    await expect(culprit).toContainText(`${hold.comm}.service`)

    await page.goto(`${program.address}/`)
    await expect(page.getByRole('region', { name: 'Needs someone' })).toContainText(/simulated/)
    await expect(
      page.getByRole('region', { name: 'Fleet map' }).getByRole('link', { name: /4\s*simulated/ }),
    ).toBeVisible()
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Find or go' }).fill(plan.name)
    await expect(page.getByRole('option', { name: plan.name }).getByText('simulated')).toBeVisible()
    await page.keyboard.press('Escape')

    await page.goto(`${program.address}/hosts?filter=${encodeURIComponent('origin:simulated')}`)
    const rows = page.getByRole('table', { name: 'Hosts' }).getByRole('row', { name: /\.sim/ })
    await expect(rows).toHaveCount(HOSTS)
    for (const row of await rows.all()) await expect(row.getByText('simulated', { exact: true })).toBeAttached()

    await page.goto(`${program.address}/hosts/${host?.id}`)
    await expect(page.getByRole('main')).toContainText('Patched for', { timeout: 40_000 })
  } finally {
    await program.remove()
  }
})

test('with nothing set, sixty simulated hosts stand beside this machine', async ({ page }) => {
  const program = await startProgram({ REBOOTLESS_SIMULATED_HOSTS: '', REBOOTLESS_ADMIN_PASSWORD: PASSWORD })
  try {
    await signIn(page, program)
    const byOrigin = async () => {
      const answer = await page.request.get(`${program.address}/api/v1/fleet/summary`)
      return (await answer.json()).byOrigin
    }
    await expect.poll(byOrigin, { timeout: 60_000 }).toEqual({ agent: 1, recorded: 9, simulated: 60 })
  } finally {
    await program.remove()
  }
})
