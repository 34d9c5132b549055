// Goal: nothing is done to a kernel, and no program started, before the disk has it that it is about to be (T19, T38). Method: the
// desk over a simulated host whose disk takes five seconds for a record; at each effect on kernel or programs, what a machine
// would find on the disk that lost its power at that moment must name this command and this very step.
import { expect, test } from 'vitest'
import { openJournal } from '../journal/journal.ts'
import { commandsOn, createCommandBench } from './test-command-bench.ts'
import { idOf } from './test-commands.ts'
import { SCENARIOS } from './test-scenarios.ts'

const DISK_MS = 5_000

const STEPS: readonly (readonly [effect: RegExp, step: string])[] = [
  [/^run rmmod /, 'remove'],
  [/^run insmod /, 'insert'],
  [/^write [01] .*\/enabled$/, 'write_enabled'],
  [/^write 1 .*\/force$/, 'force'],
  [/^SIG(STOP|CONT)$/, 'signal'],
  [/^run /, 'tool'],
]
const stepOf = (effect: string) => STEPS.find(([pattern]) => pattern.test(effect))?.[1]

const found = async (text: string | undefined, id: string) => {
  const nothing = async () => {
    throw new Error('a power cut')
  }
  const { state, damage } = await openJournal({ read: async () => text, append: nothing, replace: nothing })
  expect(damage).toBeNull()
  return state.commands.find((command) => command.id === id)
}

test.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
  'T38 T19 on the disk before anything is done: %s',
  async (_name, scenario) => {
    const bench = await createCommandBench(scenario.plan === undefined ? {} : { plan: scenario.plan() })
    const make = commandsOn(bench)
    const agent = await bench.startAgent()
    await bench.advance(8)
    await scenario.prepare?.(bench, make, async (message) => {
      agent.desk.command(message)
      await bench.advance(8)
    })
    bench.setDiskMs(DISK_MS)
    bench.onDisk.length = 0
    const message = scenario.command(bench, make)
    agent.desk.command(message)
    await bench.advance(DISK_MS / 1_000 - 1)
    expect(bench.onDisk, 'before the command itself is on the disk').toEqual([])
    await bench.advance(30)
    scenario.meanwhile?.(bench)
    await bench.advance((scenario.seconds ?? 15) + 30)
    expect(bench.ends(idOf(message))).toMatchObject([{ state: 'done' }])

    const acted = bench.onDisk.filter(({ effect }) => effect !== 'keep')
    expect(acted.length).toBeGreaterThanOrEqual(scenario.once.length)
    for (const { effect, journal } of acted) {
      const command = await found(journal, idOf(message))
      expect(command?.effects.at(-1)?.step, effect).toBe(stepOf(effect))
    }
    await agent.stop()
  },
)
