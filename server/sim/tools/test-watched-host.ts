import type { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import { type HostAccount, hostAccount } from '@rebootless/shared/domain/host-account.ts'
import { type HostCondition, hostState } from '@rebootless/shared/domain/host-state.ts'
import { createVirtualClock } from '../../agent/recorded/virtual-clock.ts'
import { createObserver } from '../../agent/watch/observer.ts'
import type { FaultSchedule } from '../fleet/faults.ts'
import type { HostPlan } from '../fleet/host-plan.ts'
import { life } from '../fleet/incidents.ts'
import { createLiveHost } from '../fleet/live-host.ts'
import type { FleetPatch } from '../fleet/patch-images.ts'
import { SimulatedHost } from '../fleet/simulated-host.ts'

/** What the real agent said of a host at one moment, and how the simulated kernel stood then. */
export interface Moment {
  readonly atSeconds: number
  readonly snapshot: Snapshot
  readonly account: HostAccount
  readonly condition: HostCondition
  /** Patches of the plan in effect, oldest first. */
  readonly inEffect: readonly FleetPatch[]
}

export const STARTED_AT_MS = Date.UTC(2026, 10, 26)
const NOTHING: FaultSchedule = { incident: () => null }

/** A host lived through on a clock of its own, with the real agent on each of its boots. */
export const watchedHost = async (plan: HostPlan, seconds: number, schedule = NOTHING): Promise<Moment[]> => {
  const virtual = createVirtualClock(STARTED_AT_MS)
  const host = new SimulatedHost({ plan, startedAtMs: STARTED_AT_MS })
  host.run(life(host, schedule))
  const live = createLiveHost(host, { clock: virtual.clock, startedUs: 0 })
  const stop = new AbortController()
  const moments: Moment[] = []
  const tell = (snapshot: Snapshot) => {
    const now = virtual.clock.now()
    const { transition } = snapshot
    moments.push({
      ...{ snapshot, inEffect: inEffect(host), atSeconds: (now - STARTED_AT_MS) / 1_000 },
      account: hostAccount(snapshot, transition),
      condition: hostState({ snapshot, transition, connected: true, lastSeenAt: now, now }),
    })
  }
  const agents = (async () => {
    for (;;) {
      const boot = await live.poweredOn(stop.signal)
      if (boot === null) return
      const observer = createObserver({ ...boot, architecture: plan.architecture })
      const listener = { snapshot: tell, transition: () => undefined }
      await observer.run(listener, AbortSignal.any([stop.signal, boot.signal]))
    }
  })()
  await virtual.advance(seconds * 1_000)
  stop.abort()
  live.stop()
  await virtual.advance(0)
  await agents
  return moments
}

/** A cumulative patch stands for all before it. */
const inEffect = ({ kernel, plan }: SimulatedHost): FleetPatch[] => {
  if (kernel === null) return []
  const { livepatch, system } = kernel.state
  const applied =
    system === null
      ? livepatch.patches.filter((patch) => patch.enabled && livepatch.changing.patch !== patch)
      : system.applied
  const patches = plan.patches.filter(({ image }) => applied.some(({ name }) => name === image.name))
  return plan.kind === 'ksplice' ? patches : patches.slice(-1)
}

export const cvesOf = (patches: readonly FleetPatch[]): string[] =>
  [...new Set(patches.flatMap(({ cves }) => cves))].sort()

/** CVEs that the report calls fixed now. */
export const cvesFixed = (report: ProviderReport | undefined): string[] => {
  const fixing = (report?.patches ?? []).filter(({ state, target }) => state === 'applied' && target === 'kernel')
  return [...new Set(fixing.flatMap(({ cves }) => cves))].sort()
}

export const reportOf = ({ snapshot }: Moment, name: string): ProviderReport | undefined =>
  snapshot.providers.find((report) => report.name === name && report.present)
