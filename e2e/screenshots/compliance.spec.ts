// Goal: pictures of compliance and of alerts, of a fleet that has been there for weeks. Method: the whole program with simulated hosts; what
// was recorded of them is set back by days, and after a restart the program itself writes the days that are over.
import { test } from '@playwright/test'
import type { AlertList } from '@rebootless/shared/contract/alerts.ts'
import type { ComplianceSummary, ComplianceTrend } from '@rebootless/shared/contract/compliance.ts'
import { startProgram } from '../program.ts'
import { inDatabase } from '../stored-rows.ts'
import { PASSWORD, signIn } from '../stories/story.ts'
import { MOMENT_MS, moment, take } from './take.ts'

const HOSTS = 60
test.use({ viewport: { width: 1440, height: 900 }, contextOptions: { reducedMotion: 'reduce' } })
test.setTimeout(MOMENT_MS * 4)

test('compliance, and alerts', async ({ browser }) => {
  const first = await startProgram({
    ...{ REBOOTLESS_ADMIN_PASSWORD: PASSWORD, REBOOTLESS_RECORDED_HOSTS: '0', REBOOTLESS_SIMULATED_INCIDENTS: 'off' },
    ...{ REBOOTLESS_SIMULATED_HOSTS: `${HOSTS}`, REBOOTLESS_SIMULATION_SEED: '4711' },
  })
  const page = await browser.newPage({ baseURL: first.address })
  await signIn(page, first)
  await moment<ComplianceSummary>(page, '/compliance', ({ counts }) => counts.judged === HOSTS + 1)
  await inDatabase(first.dataDirectory, async (database) => {
    const ago = (days: number) => new Date(Date.now() - days * 86_400_000)
    const told = { from_at: ago(61) }
    await database
      .updateTable('exposure_classes')
      .set({ first_seen_at: ago(61) })
      .execute()
    await database.updateTable('exposure_verdicts').set(told).where('to_at', 'is', null).execute()
    await database.updateTable('cve_facts').set(told).where('to_at', 'is', null).execute()
    const hosts = await database.selectFrom('hosts').select('id').orderBy('enrolled_name').execute()
    // They came one after another over five weeks.
    for (const [index, { id }] of hosts.entries()) {
      const came = { from_at: ago(25 + (35 * index) / HOSTS) }
      await database
        .updateTable('host_exposure')
        .set(came)
        .where('host_id', '=', id)
        .where('to_at', 'is', null)
        .execute()
    }
  })
  await first.stop()
  const program = await first.restart()
  try {
    await moment<ComplianceTrend>(page, '/compliance/trend?days=90', ({ days }) => days.length > 59)
    await moment<ComplianceSummary>(
      page,
      '/compliance',
      ({ counts, doubts }) =>
        counts.judged === HOSTS + 1 && doubts.every(({ doubt, hosts }) => doubt !== 'offline' || hosts === 0),
    )
    await page.goto('/compliance')
    await take(page, 'compliance', () => Promise.resolve(), page.getByRole('region', { name: 'By owner' }))
    await moment<AlertList>(page, '/alerts', ({ items }) => items.length > 3)
    await page.goto('/alerts')
    await take(page, 'alerts', () => Promise.resolve(), page.getByRole('list', { name: 'Alerts' }).first())
  } finally {
    await program.remove()
  }
})
