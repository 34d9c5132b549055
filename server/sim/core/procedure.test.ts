// Goal: procedures take virtual time, and a lock is handed on in the order of coming. Method: three of them on one
// timeline.
import { expect, test } from 'vitest'
import { Lock, type Procedure, startProcedure } from './procedure.ts'
import { Timeline } from './timeline.ts'

test('the first part runs at once; who waits for a lock gets it in turn, at the moment of its release', () => {
  const timeline = new Timeline()
  const lock = new Lock()
  const told: string[] = []
  function* work(name: string, us: number): Procedure<string> {
    told.push(`${name} comes at ${timeline.nowUs}`)
    yield lock
    told.push(`${name} begins at ${timeline.nowUs}`)
    yield us
    lock.release()
    return name
  }
  for (const [name, us] of [
    ['a', 10],
    ['b', 5],
    ['c', 1],
  ] as const)
    startProcedure(timeline, work(name, us), (value) => told.push(`${value} ends at ${timeline.nowUs}`))
  timeline.advanceTo(100)
  expect(told).toEqual([
    ...['a comes at 0', 'a begins at 0', 'b comes at 0', 'c comes at 0'],
    ...['b begins at 10', 'a ends at 10', 'c begins at 15', 'b ends at 15', 'c ends at 16'],
  ])
})
