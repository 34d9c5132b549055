// Goal: the real agent sees of each fault what it would see on a real host. Method: the first host that it befalls,
// watched by the real observer on a clock that waits for it; states by the backend's own rules.
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import { hostState } from '@rebootless/shared/domain/host-state.ts'
import { describe, expect, test } from 'vitest'
import { createVirtualClock } from '../../agent/recorded/virtual-clock.ts'
import { createObserver } from '../../agent/watch/observer.ts'
import { createFaultSchedule, type Fault, type Incident, ROUND_SECONDS } from './faults.ts'
import { hostPlan } from './host-plan.ts'
import { life } from './incidents.ts'
import { createLiveHost } from './live-host.ts'
import { SimulatedHost } from './simulated-host.ts'

const SEED = 1
const HOSTS = 60
const STARTED_AT_MS = Date.UTC(2026, 0, 1)

/** What an agent on the host says, boot after boot, while the round with this fault goes by. */
const watched = async (fault: Fault) => {
  const schedule = createFaultSchedule({ seed: SEED, hosts: HOSTS })
  const index = [...Array(HOSTS).keys()].find((one) => schedule.incident(one, 0)?.fault === fault) ?? -1
  const incident = schedule.incident(index, 0)
  if (incident === null) throw new Error(`nobody has ${fault}`)
  const virtual = createVirtualClock(STARTED_AT_MS)
  const plan = hostPlan(SEED, index)
  const host = new SimulatedHost({ plan, startedAtMs: STARTED_AT_MS })
  host.run(life(host, schedule))
  const live = createLiveHost(host, { clock: virtual.clock, startedUs: 0 })
  const snapshots: Snapshot[] = []
  const samples: TransitionSample[] = []
  const states: string[] = []
  const stop = new AbortController()
  const agents = (async () => {
    for (;;) {
      const boot = await live.poweredOn(stop.signal)
      if (boot === null) return
      let transition: TransitionSample | null = null
      const observer = createObserver({ fs: boot.fs, clock: boot.clock, architecture: plan.architecture })
      const told = () => {
        const [snapshot, now] = [snapshots.at(-1) ?? null, virtual.clock.now()]
        const { state } = hostState({ snapshot, transition, connected: true, lastSeenAt: now, now })
        if (states.at(-1) !== state) states.push(state)
      }
      await observer.run(
        {
          snapshot(snapshot) {
            snapshots.push(snapshot)
            transition = snapshot.transition
            told()
          },
          transition(sample) {
            transition = sample
            if (sample) samples.push(sample)
            told()
          },
        },
        AbortSignal.any([stop.signal, boot.signal]),
      )
    }
  })()
  await virtual.advance((ROUND_SECONDS - 1) * 1_000)
  stop.abort()
  live.stop()
  await virtual.advance(0)
  await agents
  return { incident, plan, snapshots, samples, states, boots: new Set(snapshots.map(({ kernel }) => kernel.bootId)) }
}

const taints = (snapshot: Snapshot | undefined) => snapshot?.kernel.taints?.map(({ letter }) => letter) ?? []

const functionOfHold = ({ hold }: Incident) => hold?.function.split(':')[1] ?? ''

describe('a stall', () => {
  test.each(['stall_killable', 'stall_uninterruptible', 'stall_kernel_thread'] as const)(
    '%s names task, unit and function, and ends',
    async (fault) => {
      const { incident, samples, states } = await watched(fault)
      const culprit = samples.flatMap(({ blocking }) => blocking)[0]
      expect(culprit?.comm).toBe(incident.hold?.comm)
      expect(JSON.stringify(culprit)).toContain(functionOfHold(incident))
      if (incident.hold?.cgroup?.endsWith('.service'))
        expect(culprit?.unit).toBe(incident.hold.cgroup.split('/').at(-1))
      expect(states).toContain('stalled')
      expect(states.at(-1)).toBe('patched')
    },
  )

  test('stall_interruptible ends by the signal after 15 s', async () => {
    const { samples, states } = await watched('stall_interruptible')
    const [first] = samples
    const last = samples.at(-1)
    expect(samples.some(({ blocking }) => blocking.length > 0)).toBe(true)
    expect(last?.signalledAt).not.toBeNull()
    const tookMs = Date.parse(last?.sampledAt ?? '') - Date.parse(first?.startedAt ?? '')
    expect(tookMs).toBeGreaterThan(13_000)
    expect(tookMs).toBeLessThan(20_000)
    expect(states.at(-1)).toBe('patched')
  })

  test('reversed, it ends where it began', async () => {
    const { snapshots, states } = await watched('reverse')
    const inEffect = (snapshot: Snapshot | undefined) =>
      snapshot?.livepatches?.filter(({ enabled }) => enabled).map(({ name }) => name)
    expect(states).toContain('stalled')
    expect(states).toContain('unpatching')
    expect(inEffect(snapshots.at(-1))).toEqual(inEffect(snapshots[0]))
  })

  test('forced, it marks the host until the reboot', async () => {
    const { states, boots } = await watched('force')
    expect(states.indexOf('forced')).toBeGreaterThan(states.indexOf('stalled'))
    expect(boots.size).toBe(2)
    expect(states.at(-1)).toBe('patched')
  })
})

describe('a crash in the middle of a transition', () => {
  test.each(['crash_patches_reloaded', 'crash_patches_lost'] as const)(
    '%s: another boot, patched in the end',
    async (fault) => {
      const { snapshots, states, boots } = await watched(fault)
      expect(boots.size).toBe(2)
      const [, second = ''] = boots
      const after = snapshots.filter(({ kernel }) => kernel.bootId === second)
      expect(taints(after[0])).not.toContain('K')
      expect(states).toContain('exposed')
      expect(states.at(-1)).toBe('patched')
    },
  )
})

test.each(['oops_and_stays', 'oops_and_reboots'] as const)(
  '%s taints the kernel, which only a reboot clears',
  async (fault) => {
    const { snapshots, boots } = await watched(fault)
    expect(boots.size).toBe(2)
    const tainted = snapshots.some((snapshot) => taints(snapshot).includes('D'))
    expect(tainted).toBe(fault === 'oops_and_stays')
    expect(taints(snapshots.at(-1))).toContain('K')
    expect(taints(snapshots.at(-1))).not.toContain('D')
  },
)

describe('drift by somebody on the host', () => {
  test('a patch that was disabled leaves it exposed until it is loaded again', async () => {
    const { states } = await watched('drift_disabled')
    expect(states).toEqual(expect.arrayContaining(['exposed']))
    expect(states.at(-1)).toBe('patched')
  })

  test('a patch that nobody published is shown', async () => {
    const { snapshots } = await watched('drift_unknown_patch')
    expect(snapshots.some(({ livepatches }) => livepatches?.some(({ name }) => name === 'hotfix_local'))).toBe(true)
    expect(snapshots.at(-1)?.livepatches?.map(({ name }) => name)).not.toContain('hotfix_local')
  })

  test('a redirection that ftrace lost is drift', async () => {
    const { states } = await watched('drift_redirect_lost')
    expect(states).toEqual(['patched', 'drifted', 'patched'])
  })
})
