// Goal: what befalls a host with a tool is seen by the real agent as on a real host. Method: the first of sixty hosts that
// each incident befalls, watched by the real observer and providers on a clock that waits for it.
import { expect, test } from 'vitest'
import { createFaultSchedule, type Fault, ROUND_SECONDS } from '../fleet/faults.ts'
import { type HostPlan, hostPlan } from '../fleet/host-plan.ts'
import { cvesFixed, cvesOf, type Moment, reportOf, watchedHost } from './test-watched-host.ts'

const HOSTS = 60
const PROVIDER_OF: Partial<Record<HostPlan['kind'], string>> = { kpatch_core: 'kpatch', amazon: 'kpatch' }

/** The first host of the first seed on which it befalls a host that is wanted. */
const befalls = async (fault: Fault, wanted: (plan: HostPlan) => boolean = () => true) => {
  for (let seed = 1; seed < 100; seed += 1) {
    const schedule = createFaultSchedule({ seed, hosts: HOSTS })
    for (let index = 0; index < HOSTS; index += 1) {
      const incident = schedule.incident(index, 0)
      const plan = hostPlan(seed, index)
      if (incident?.fault !== fault || !wanted(plan)) continue
      const moments = await watchedHost(plan, ROUND_SECONDS - 1, schedule)
      const provider = PROVIDER_OF[plan.kind] ?? plan.kind
      const reports = moments.flatMap((moment) => reportOf(moment, provider) ?? [])
      return { plan, incident, moments, reports, provider }
    }
  }
  throw new Error(`nobody has ${fault}`)
}

const states = (moments: readonly Moment[]) => new Set(moments.map(({ condition }) => condition.state))

test('an upgrade of Ksplice that is refused names the task, and the host is behind as before', async () => {
  const { plan, incident, moments, reports } = await befalls('tool_upgrade_blocked', ({ kind }) => kind === 'ksplice')
  expect(reports.flatMap(({ blockers }) => blockers.map(({ comm }) => comm))).toContain(incident.hold?.comm)
  expect(reports.some(({ troubles }) => troubles.some(({ text }) => text.includes('code_busy')))).toBe(true)
  expect(moments.at(-1)?.inEffect.length).toBe((plan.history.at(-1) ?? -1) + 1)
  expect(moments.at(-1)?.condition.state).toBe('exposed')
})

test.each(['ksplice', 'canonical'] as const)(
  '%s that may fetch nothing more says so, until it may again',
  async (kind) => {
    const { reports } = await befalls('tool_access_lost', (plan) => plan.kind === kind)
    const lost = reports.findIndex(({ access }) => access === 'expired' || access === 'not_registered')
    expect(lost).toBeGreaterThan(0)
    expect(reports.at(-1)?.access).toBe(reports[0]?.access)
  },
)

test("a livepatch that went out behind the daemon's back is drift, until it is back", async () => {
  const { moments } = await befalls('tool_drift', ({ kind }) => kind === 'canonical')
  expect(moments.some(({ account }) => account.disagreements.length > 0)).toBe(true)
  expect(moments.at(-1)?.account.disagreements).toEqual([])
  expect(moments.at(-1)?.condition.state).toBe('patched')
})

test("an update that went out behind Uptrack's back no longer counts, whatever Uptrack's files say", async () => {
  const { plan, moments } = await befalls('tool_drift', ({ kind }) => kind === 'ksplice')
  const without = moments.filter(({ inEffect }) => inEffect.length === plan.patches.length - 1)
  expect(without.length).toBeGreaterThan(0)
  const last = without.at(-1)
  expect(last && cvesFixed(reportOf(last, 'ksplice'))).toEqual(cvesOf(last?.inEffect ?? []))
  expect(moments.at(-1)?.condition.state).toBe('patched')
})

test('a tool that hangs after a reboot is a trouble; what the kernel shows is told all the same', async () => {
  const { plan, moments, reports } = await befalls('tool_times_out', ({ kind }) => kind === 'kpatch')
  expect(reports.some(({ troubles }) => troubles.some(({ text }) => /took longer/.test(text)))).toBe(true)
  expect(states(moments)).not.toContain('failed')
  expect(moments.at(-1)?.snapshot.livepatches?.length).toBe(plan.history.length > 0 ? 1 : 0)
})
