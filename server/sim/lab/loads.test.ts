// Goal: a setting's tasks are as many as it says, mixed alike at any size, with its sleepers spread among them.
// Method: every load at several sizes, counted.
import { describe, expect, test } from 'vitest'
import { type LabSetting, LOADS } from './lab-run.ts'
import { functionsOf, tasksOf } from './loads.ts'

const setting: LabSetting = {
  ...{ seed: 1, load: 'web_server', tasks: 200, cpus: 4, sleepers: 0, functions: 5, seconds: 30 },
}
const SLEEPERS = new Set(['tail', 'rsync', 'python3', 'nfsd', 'storage_scan'])

describe.each(LOADS)('%s', (load) => {
  const plans = (change: Partial<LabSetting>) => tasksOf({ ...setting, load, ...change })

  test('has as many tasks, and as many sleepers among them, as were asked for', () => {
    for (const [tasks, sleepers] of [
      [10, 0],
      [10, 10],
      [137, 5],
      [500, 32],
    ] as const) {
      const made = plans({ tasks, sleepers })
      expect(made).toHaveLength(tasks)
      expect(made.filter(({ comm }) => SLEEPERS.has(comm))).toHaveLength(sleepers)
    }
  })

  test('is made up alike, whatever its size', () => {
    const share = (tasks: number) => {
      const made = plans({ tasks })
      const counts = new Map<string, number>()
      for (const { comm } of made) counts.set(comm, (counts.get(comm) ?? 0) + 1)
      return new Map([...counts].map(([comm, count]) => [comm, count / tasks]))
    }
    const large = share(2_000)
    for (const [comm, part] of share(100)) expect(Math.abs(part - (large.get(comm) ?? 0))).toBeLessThan(0.02)
  })

  test('spreads sleepers evenly, so that none of the parts of the machine is without', () => {
    const made = plans({ tasks: 100, sleepers: 10 })
    for (let from = 0; from < 100; from += 10)
      expect(made.slice(from, from + 10).filter(({ comm }) => SLEEPERS.has(comm))).toHaveLength(1)
  })

  test('has a patch of as many different functions as were asked for', () => {
    for (const functions of [1, 20, 40])
      expect(new Set(functionsOf({ ...setting, load, functions }).map(({ name }) => name)).size).toBe(functions)
  })
})
