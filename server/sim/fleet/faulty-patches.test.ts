// Goal: a livepatch that does harm does it where its description says and nowhere else, and the real agent tells of it as of a
// real one. Method: its module loaded by insmod on simulated hosts, watched by the real observer on a clock that waits for it.
import type { KernelReadings } from '@rebootless/shared/contract/kernel-readings.ts'
import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import { describe, expect, test } from 'vitest'
import { createVirtualClock } from '../../agent/recorded/virtual-clock.ts'
import { createObserver } from '../../agent/watch/observer.ts'
import { FAULTY_PATCHES, type FaultyPatch } from './faulty-patches.ts'
import { type HostPlan, hostPlan } from './host-plan.ts'
import { createLiveHost } from './live-host.ts'
import { SimulatedHost } from './simulated-host.ts'
import { simulatedModule, simulatedModuleOf } from './simulated-module.ts'

const STARTED_AT_MS = Date.UTC(2026, 10, 26)
const FLEET = Array.from({ length: 200 }, (_, index) => hostPlan(1, index))
const hostIn = (rack: string, fits: (plan: HostPlan) => boolean = () => true): HostPlan => {
  const found = FLEET.find((plan) => plan.labels.rack === rack && plan.kind === 'livepatch' && fits(plan))
  if (found === undefined) throw new Error(`no host with livepatch stands in ${rack}`)
  return found
}
const patchOf = (name: string): FaultyPatch => {
  const found = FAULTY_PATCHES.find(({ image }) => image.name === name)
  if (found === undefined) throw new Error(`there is no ${name}`)
  return found
}

/** What the agent tells while the patch is loaded and, after a minute, taken out. */
const lived = async (plan: HostPlan, patch: FaultyPatch) => {
  const virtual = createVirtualClock(STARTED_AT_MS)
  const live = createLiveHost(new SimulatedHost({ plan, startedAtMs: STARTED_AT_MS }), {
    ...{ clock: virtual.clock, startedUs: 0 },
  })
  const stop = new AbortController()
  const boot = await live.poweredOn(stop.signal)
  if (boot === null) throw new Error('it is off')
  const readings: KernelReadings[] = []
  const samples: TransitionSample[] = []
  const running = createObserver({ ...boot, architecture: plan.architecture }).run(
    {
      snapshot: () => undefined,
      transition: (sample) => {
        if (sample !== null) samples.push(sample)
      },
      kernelReadings: (next) => readings.push(next),
    },
    stop.signal,
  )
  await virtual.advance(30_000)
  const { path } = await boot.moduleFiles.put(simulatedModule({ ...patch }, plan))
  const inserting = boot.programs.run('/usr/sbin/insmod', [path], { timeMs: 60_000, bytesMax: 4_096 })
  await virtual.advance(60_000)
  const inserted = await inserting
  const during = { readings: readings.at(-1) }
  const told = samples.flatMap(({ blocking }) => blocking.map(({ comm }) => comm))
  const attribute = `/sys/kernel/livepatch/${patch.image.name}/enabled`
  void boot.fs.write(attribute, '0')
  await virtual.advance(60_000)
  const enabled = await boot.fs.read(attribute)
  stop.abort()
  live.stop()
  await virtual.advance(0)
  await running
  return { inserted, during, told: new Set(told), enabled, readings }
}

describe('simulated_oops', () => {
  test('on a host of rack r01 the agent tells of an oops in its code', async () => {
    const { inserted, during } = await lived(hostIn('r01'), patchOf('simulated_oops'))
    expect(inserted).toMatchObject({ ok: true, exitCode: 0 })
    expect(during.readings?.log).toMatchObject({ errno: null, lost: 0, counts: { oops: 1 } })
    expect(during.readings?.log.incidents).toMatchObject([
      {
        ...{ kind: 'oops', function: 'simulated_oops_show' },
        patched: { function: 'simulated_oops_show', patch: 'simulated_oops', own: true },
      },
    ])
  })

  test('elsewhere it does nothing', async () => {
    const { inserted, during } = await lived(hostIn('r03'), patchOf('simulated_oops'))
    expect(inserted).toMatchObject({ exitCode: 0 })
    expect(during.readings?.log.incidents).toEqual([])
  })
})

describe('simulated_stall', () => {
  test('on a host of rack r02 its transition stalls on a task, and can be reversed', async () => {
    const { inserted, told, enabled } = await lived(hostIn('r02'), patchOf('simulated_stall'))
    expect(inserted).toMatchObject({ exitCode: 0 })
    expect([...told]).toEqual(['atop'])
    // Out again: sysfs has forgotten it, or shows it disabled.
    expect(enabled.ok ? enabled.value : enabled.errno).toMatch(/^0|ENOENT/)
  })

  test('elsewhere it goes in', async () => {
    const { told } = await lived(hostIn('r03'), patchOf('simulated_stall'))
    expect([...told]).toEqual([])
  })
})

test('its module says what it does, and is taken for no other', () => {
  for (const patch of FAULTY_PATCHES) {
    const file = simulatedModule(patch, { release: '6.4.0-150600.21-default', architecture: 'x86_64' })
    expect(Buffer.from(file).toString('latin1')).toContain(`Simulated livepatch: it holds no code; ${patch.about}`)
    expect(simulatedModuleOf(file)).toEqual({ name: patch.image.name, release: '6.4.0-150600.21-default' })
  }
})

test('pressure and load by what a host is for, and by whether its kernel tells', async () => {
  const ofKind = async (plan: HostPlan) => (await lived(plan, patchOf('simulated_oops'))).readings
  const readings = await ofKind(hostIn('r03', ({ role }) => role !== 'idle'))
  const [first, last] = [readings[0], readings.at(-1)]
  expect(first?.pressure.errno).toBeNull()
  expect(last?.pressure.cpu?.total).toBeGreaterThan(first?.pressure.cpu?.total ?? Number.POSITIVE_INFINITY)
  expect(last?.load?.[0]).toBeGreaterThan(0)
  const red = FLEET.find(({ kernel }) => kernel.osRelease.includes('ID="rhel"') && kernel.release.startsWith('5.14'))
  const old = FLEET.find(({ kernel }) => kernel.release.startsWith('3.10'))
  for (const [plan, errno] of [
    [red, 'EOPNOTSUPP'],
    [old, 'ENOENT'],
  ] as const) {
    if (plan === undefined) throw new Error('the fleet has no such host')
    const kernel = new SimulatedHost({ plan, startedAtMs: STARTED_AT_MS }).kernel
    expect(await kernel?.fs().read('/proc/pressure/cpu')).toEqual({ ok: false, errno })
  }
})
