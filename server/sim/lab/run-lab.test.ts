// Goal: a run says what happened without gaps, the same each time, and starts from the same moment for every system.
// Method: runs of small settings, looked at as data.
import { describe, expect, test } from 'vitest'
import { SYSTEMS } from '../models/model.ts'
import { type LabSetting, LOADS } from './lab-run.ts'
import { labMachine, runLab } from './run-lab.ts'
import { sweep, sweepPoint } from './sweep.ts'

const setting: LabSetting = {
  ...{ seed: 4_711, load: 'web_server', tasks: 80, cpus: 2, sleepers: 3, functions: 4, seconds: 30 },
}

describe('a run', () => {
  test('repeats itself to the byte; another seed is another run', () => {
    for (const system of SYSTEMS) {
      const first = JSON.stringify(runLab(setting, system))
      expect(JSON.stringify(runLab(setting, system))).toBe(first)
      expect(JSON.stringify(runLab({ ...setting, seed: 4_712 }, system))).not.toBe(first)
    }
  })

  test.each(LOADS)('of the load %s begins alike for every system', (load) => {
    const begins = SYSTEMS.map((system) => {
      const { machine } = labMachine({ ...setting, load }, system)
      return [...machine.tasks.values()].map(({ tid, comm, state, frames }) => [tid, comm, state, frames.length])
    })
    for (const begin of begins) expect(begin).toEqual(begins[0])
    expect(begins[0]).toHaveLength(setting.tasks)
  })

  test.each(SYSTEMS)('by %s: every task is told of from 0 on, in order, and ends in what it reached', (system) => {
    const run = runLab(setting, system)
    expect(run.endUs).toBe(30_000_000)
    expect(run.tasks).toHaveLength(setting.tasks)
    for (const { stretches } of run.tasks) {
      expect(stretches[0]?.fromUs).toBe(0)
      for (const [index, stretch] of stretches.entries()) {
        const before = stretches[index - 1]
        if (before === undefined) continue
        expect(stretch.fromUs).toBeGreaterThan(before.fromUs)
        expect([stretch.activity, stretch.universe]).not.toEqual([before.activity, before.universe])
      }
      const wanted = system === 'livepatch_immediate' ? null : run.status === 'applied' ? 'new' : 'old'
      if (run.status !== 'in_progress') expect(stretches.at(-1)?.universe).toBe(wanted)
    }
    expect(run.events.every(({ atUs }) => atUs >= 0 && atUs <= run.endUs)).toBe(true)
  })

  test('by a system that stops: whoever would run stands, and nobody does anything until it goes on', () => {
    const run = runLab({ ...setting, sleepers: 0, load: 'database', cpus: 1 }, 'kpatch')
    expect(run.stops.length).toBeGreaterThan(0)
    for (const { fromUs, toUs } of run.stops)
      for (const { stretches } of run.tasks)
        for (const stretch of stretches.filter((one) => one.fromUs >= fromUs && one.fromUs < toUs))
          expect(['stopped', 'asleep', 'asleep_in_function']).toContain(stretch.activity)
  })

  test('by KernelCare tells who is frozen', () => {
    const run = runLab({ ...setting, sleepers: 1 }, 'kernelcare')
    const frozen = run.tasks.filter(({ stretches }) => stretches.some(({ activity }) => activity === 'frozen'))
    expect(frozen.map(({ comm }) => comm)).toEqual(['tail'])
  })

  test('names who never goes over, and what holds each', () => {
    const run = runLab({ ...setting, load: 'kernel_threads' }, 'livepatch')
    expect(run.never).toContainEqual(expect.objectContaining({ comm: 'nfsd', why: 'is sleeping on function svc_recv' }))
    const ended = runLab({ ...setting, sleepers: 2, seconds: 15 }, 'ksplice')
    expect(ended.never).toContainEqual(
      expect.objectContaining({ comm: 'tail', why: 'its address is on its stack: vfs_read' }),
    )
    expect(runLab({ ...setting, sleepers: 0 }, 'kgraft').never).toEqual([])
  })
})

describe('the sweep', () => {
  const small = { ...setting, load: 'idle', tasks: 60, seconds: 20 } as const

  test('gives each system at each value, the same each time', () => {
    const asked = { over: 'sleepers', values: [0, 2], seeds: 2 } as const
    const points = [...sweep(small, asked)]
    expect(points.map(({ system, value }) => [value, system])).toEqual(
      [0, 2].flatMap((value) => SYSTEMS.map((system) => [value, system])),
    )
    expect([...sweep(small, asked)]).toEqual(points)
  })

  test('says of a system that does not come to its end in most runs that it does not', () => {
    const blocked = sweepPoint(small, { system: 'kpatch', over: 'sleepers', value: 1, seeds: 3 })
    expect([blocked.completionSeconds, blocked.attempts]).toEqual([null, 5])
    const free = sweepPoint(small, { system: 'kpatch', over: 'sleepers', value: 0, seeds: 3 })
    expect(free.completionSeconds?.[1]).toBeLessThan(0.1)
    const [least, median, most] = free.pauseMs
    expect([least <= median, median <= most]).toEqual([true, true])
  })
})
