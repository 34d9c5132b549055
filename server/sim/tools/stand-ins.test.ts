// Goal: the real agent says of each kind of host what the simulated kernel's truth implies, through stand-ins of the tools:
// behind, being patched, up to date, and with a tool that fails. Method: the first such host of sixty, watched by the real
// observer with the real providers on a clock that waits for it; what it says is held against the kernel's own state.
import { describe, expect, test } from 'vitest'
import type { Condition, FleetKind } from '../fleet/fleet-mix.ts'
import { type HostPlan, hostPlan } from '../fleet/host-plan.ts'
import { SimulatedHost } from '../fleet/simulated-host.ts'
import { withUserSpace } from './host-user-space.ts'
import { hexadecimal } from './stand-in.ts'
import { cvesFixed, cvesOf, type Moment, reportOf, STARTED_AT_MS, watchedHost } from './test-watched-host.ts'
import { updateIdOf } from './uptrack.ts'

const FLEET = Array.from({ length: 60 }, (_, index) => hostPlan(1, index))
const planOf = (kind: FleetKind, condition: Condition): HostPlan => {
  const plan = FLEET.find((one) => one.kind === kind && one.condition === condition)
  if (plan === undefined) throw new Error(`no ${kind} is ${condition}`)
  return plan
}
const lastOf = (moments: readonly Moment[]): Moment => {
  const last = moments.at(-1)
  if (last === undefined) throw new Error('the agent said nothing')
  return last
}

const KINDS = [
  ['klp', 'klp'],
  ['kpatch', 'kpatch'],
  ['amazon', 'kpatch'],
  ['canonical', 'canonical'],
  ['kpatch_core', 'kpatch'],
  ['kgraft', 'kgraft'],
  ['ksplice', 'ksplice'],
  ['kernelcare', 'kernelcare'],
] as const
const TOLD_IN_PROGRESS = new Set<FleetKind>(['klp', 'kpatch', 'amazon', 'canonical', 'kgraft', 'ksplice'])

describe.each(KINDS)('%s, told by %s', (kind, provider) => {
  test('up to date: patched, with just the CVEs that its patches fix', async () => {
    const plan = planOf(kind, 'up_to_date')
    const last = lastOf(await watchedHost(plan, 60))
    const report = reportOf(last, provider)
    expect(cvesFixed(report)).toEqual(cvesOf(last.inEffect))
    expect(cvesFixed(report)).not.toEqual([])
    expect(last.condition.state).toBe('patched')
    expect(report?.steps ?? []).toEqual([])
    expect(report?.troubles).toEqual([])
    expect(last.account.disagreements).toEqual([])
    const effective = plan.patches.at(-1)?.effective ?? null
    if (effective === null) expect(last.account.effectiveKernel).toBeNull()
    else expect(last.account.effectiveKernel).toContain(effective)
  })

  test('behind: what is in, and not more', async () => {
    const plan = planOf(kind, 'behind')
    const last = lastOf(await watchedHost(plan, 60))
    const report = reportOf(last, provider)
    expect(cvesFixed(report)).toEqual(cvesOf(last.inEffect))
    expect(cvesFixed(report)).not.toEqual(cvesOf(plan.patches))
    expect(report?.troubles).toEqual([])
  })

  test('being patched: said while it lasts where the system lets it be seen; the newest is in at the end', async () => {
    const plan = planOf(kind, 'busy')
    const moments = await watchedHost(plan, 290)
    const working = moments.filter((moment) => reportOf(moment, provider)?.inProgress === true)
    expect(working.length > 0).toBe(TOLD_IN_PROGRESS.has(kind))
    const states = new Set(moments.map(({ condition }) => condition.state))
    if (TOLD_IN_PROGRESS.has(kind)) expect(states.has('patching') || states.has('stalled')).toBe(true)
    const last = lastOf(moments)
    expect(last.inEffect.at(-1)).toBe(plan.patches.at(-1))
    expect(cvesFixed(reportOf(last, provider))).toEqual(cvesOf(last.inEffect))
    expect(last.condition.state).toBe('patched')
  })

  test('its tool fails: that is said, and no patch is invented', async () => {
    const plan = planOf(kind, 'tool_fails')
    const last = lastOf(await watchedHost(plan, 120))
    const report = reportOf(last, provider)
    const lost = ['expired', 'not_registered', 'refused', 'unreachable'].includes(report?.access ?? '')
    expect(lost || (report?.troubles.length ?? 0) > 0, plan.trouble ?? '').toBe(true)
    const truth = cvesOf(last.inEffect)
    expect(cvesFixed(report).filter((cve) => !truth.includes(cve))).toEqual([])
  })
})

describe('what holds an upgrade up', () => {
  test.each(['kgraft', 'ksplice'] as const)('%s names the process', async (kind) => {
    const moments = await watchedHost(planOf(kind, 'busy'), 120)
    const holders = new Set(planOf(kind, 'busy').holds.map(({ comm }) => comm))
    const named = moments.flatMap((moment) => reportOf(moment, kind)?.blockers.map(({ comm }) => comm ?? '') ?? [])
    expect(named.some((comm) => holders.has(comm))).toBe(true)
  })

  test('Ksplice tells that its last upgrade failed, and which step', async () => {
    const moments = await watchedHost(planOf('ksplice', 'busy'), 120)
    const troubles = moments.flatMap((moment) => reportOf(moment, 'ksplice')?.troubles ?? [])
    expect(troubles.map(({ text }) => text).join('\n')).toMatch(/Install \[\w{8}\] failed: code_busy/)
  })

  test("kpatch's core keeps the older patch while the newer one is refused", async () => {
    const moments = await watchedHost(planOf('kpatch_core', 'busy'), 120)
    const [older, newer] = planOf('kpatch_core', 'busy').patches
    const patches = reportOf(lastOf(moments), 'kpatch')?.patches ?? []
    const stateOf = (name: string | undefined) => patches.find((patch) => patch.name === name)?.state
    expect(stateOf(older?.image.name)).toBe('applied')
    expect(stateOf(newer?.image.name)).toBe('not_loaded')
  })
})

test.each(['kpatch', 'kpatch_core'] as const)(
  '%s: what the installed module says of itself is on the page',
  async (kind) => {
    const plan = planOf(kind, 'up_to_date')
    const { snapshot } = lastOf(await watchedHost(plan, 60))
    const said = snapshot.raw.filter(({ path }) => path.startsWith('/usr/sbin/kpatch info /var/lib/kpatch/'))
    expect(said.map(({ content }) => content)).toEqual([expect.stringContaining(`vermagic:       ${plan.release} `)])
  },
)

describe('what is offered', () => {
  test.each([
    ['ksplice', 'ksplice'],
    ['kpatch', 'kpatch'],
    ['amazon', 'kpatch'],
  ] as const)('%s: the steps that are missing, in order, and the host is exposed', async (kind, provider) => {
    const plan = planOf(kind, 'behind')
    const last = lastOf(await watchedHost(plan, 60))
    const missing = plan.patches.slice((plan.history.at(-1) ?? -1) + 1)
    const steps = reportOf(last, provider)?.steps ?? []
    expect(last.condition.state).toBe('exposed')
    if (kind === 'ksplice') {
      const installed = steps.filter(({ action }) => action === 'install').map(({ name }) => name)
      expect(missing.map(({ title }) => title).filter((title) => !installed.includes(title))).toEqual([])
      const withdrawn = updateIdOf(plan.patches[plan.withdrawn ?? -1] ?? expect.unreachable())
      // What comes out for a moment goes in again; what was withdrawn does not.
      for (const { id } of steps.filter(({ action }) => action === 'remove'))
        expect(steps.filter((step) => step.id === id).map(({ action }) => action)).toEqual(
          id === withdrawn ? ['remove'] : ['remove', 'install'],
        )
      const patches = reportOf(last, provider)?.patches ?? []
      expect(patches.filter((patch) => patch.withdrawn).map(({ id }) => id)).toEqual([withdrawn])
    } else expect(steps).toHaveLength(missing.length)
  })
})

test('klp: of SUSE’s packages the newest alone is offered, and not which CVEs it fixes', async () => {
  const plan = planOf('klp', 'behind')
  const steps = reportOf(lastOf(await watchedHost(plan, 60)), 'klp')?.steps
  const name = `kernel-livepatch-${plan.release.replaceAll('.', '_')}`
  const [, version = ''] = /_(\d+)(?:_15\d+_[\d_]+)?$/.exec(plan.patches.at(-1)?.image.name ?? '') ?? []
  const id = expect.stringMatching(`^${name}-${version}-[\\d.]+\\.${plan.architecture}$`)
  expect(steps).toEqual([{ action: 'install', id, name: id, cves: [] }])
})

test('a client that was left on beside the system that patches is a disagreement, and both are told', async () => {
  const last = lastOf(await watchedHost(planOf('kernelcare', 'behind'), 60))
  expect(last.account.providers.map(({ name }) => name)).toEqual(['kernelcare', 'ksplice'])
  expect(reportOf(last, 'ksplice')).toMatchObject({ active: true, access: 'ok', patches: [], steps: [], troubles: [] })
  expect(last.account.disagreements).toMatchObject([{ provider: 'ksplice', subject: 'KernelCare and Ksplice' }])
  expect(last.account.rebootNeed.reason).not.toContain('Ksplice')
  expect(last.account.effectiveKernel).toBe(
    `${last.inEffect.at(-1)?.effective}.${planOf('kernelcare', 'behind').architecture}`,
  )
})

test('a distribution without live patches, and livepatches without a tool', async () => {
  const none = lastOf(await watchedHost(planOf('none', 'up_to_date'), 60))
  expect(none.condition.state).toBe('exposed')
  expect(none.account.providers.map(({ name }) => name)).toEqual(['livepatch'])
  const plain = lastOf(await watchedHost(planOf('livepatch', 'up_to_date'), 60))
  expect(plain.condition.state).toBe('patched')
  expect(plain.account.providers.map(({ name }) => name)).toEqual(['livepatch'])
})

test('T31 the access key that lies in Uptrack’s files is in nothing that leaves the host', async () => {
  const plan = planOf('ksplice', 'up_to_date')
  const host = new SimulatedHost({ plan, startedAtMs: STARTED_AT_MS })
  const key = hexadecimal(host, 'key', 64)
  const config = await withUserSpace(host.kernel?.fs() ?? expect.unreachable(), host).read('/etc/uptrack/uptrack.conf')
  expect(config).toMatchObject({ ok: true, value: expect.stringContaining(key) })
  const moments = await watchedHost(plan, 60)
  const told = JSON.stringify(moments.map(({ snapshot }) => snapshot))
  expect(told).toContain('/etc/uptrack/uptrack.conf')
  expect(told).not.toContain(key)
})

test('a kernel with another system never shows a livepatch directory', async () => {
  for (const kind of ['kgraft', 'ksplice', 'kernelcare', 'kpatch_core'] as const) {
    const last = lastOf(await watchedHost(planOf(kind, 'up_to_date'), 30))
    expect(last.snapshot.livepatches, kind).toBeNull()
    expect(last.snapshot.kernel.livepatchConfigured, kind).toBe(false)
  }
})
