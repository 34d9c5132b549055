// Goal: a command is never lost and never done twice, wherever the agent dies (T19, T38). Method: the desk over a simulated
// host on a virtual clock; every effect on the disk, on a program and on the kernel is counted by the run itself, and the
// agent dies before, after, and for the disk in the middle of the k-th, k = 1 … last; then it comes again over the same journal,
// and the server sends the same command again, as it does after a broken link.
import { describe, expect, test } from 'vitest'
import { type CommandBench, commandsOn, createCommandBench, type Fault, idOf } from './test-command-bench.ts'

type Make = ReturnType<typeof commandsOn>
interface Scenario {
  readonly name: string
  /** Brings the host to where the command makes sense, by an agent that does not die. */
  readonly prepare?: (
    bench: CommandBench,
    make: Make,
    run: (message: ReturnType<Make['load']>) => Promise<void>,
  ) => Promise<void>
  readonly command: (bench: CommandBench, make: Make) => ReturnType<Make['load']>
  /** Effects on the kernel that may each come about once at most. */
  readonly once: readonly RegExp[]
  /** By the kernel itself: what the command wants has come about. */
  readonly isSo: (bench: CommandBench) => boolean
}

const newest = (bench: CommandBench) => bench.patchName(-1)
const isIn = (bench: CommandBench) => bench.inEffect().includes(newest(bench))
let blocking: { tid: number; name: string }[] = []
const stalled: Scenario['prepare'] = async (bench, make, run) => {
  const tid = bench.hold()
  blocking = [{ tid, name: bench.host.kernel?.machine.tasks.get(tid)?.comm ?? '' }]
  await bench.advance(1)
  await run(make.load(-1))
  await bench.advance(10)
}

const SCENARIOS: readonly Scenario[] = [
  {
    ...{ name: 'load', command: (_bench, make) => make.load(-1), once: [/^run insmod/], isSo: isIn },
  },
  {
    ...{ name: 'disable', command: (_bench, make) => make.onPatch('disable', 0), once: [/^write 0 /] },
    isSo: (bench) => bench.inEffect().length === 0,
  },
  {
    ...{ name: 'enable', command: (_bench, make) => make.onPatch('enable', -1), isSo: isIn },
    async prepare(_bench, make, run) {
      await run(make.load(-1))
      await run(make.onPatch('disable', -1))
    },
    once: [/^run rmmod/, /^run insmod/],
  },
  {
    ...{ name: 'reverse', prepare: stalled, command: (_bench, make) => make.onPatch('reverse', -1) },
    once: [/^write 0 /],
    isSo: (bench) => !bench.host.kernel?.state.livepatch.directories.has(newest(bench)),
  },
  {
    ...{ name: 'force', prepare: stalled, once: [/^write 1 .*force/], isSo: isIn },
    command: (_bench, make) => make.onPatch('force', -1, { blockingTasks: blocking }),
  },
  {
    ...{ name: 'signal', prepare: stalled, once: [/^SIGSTOP/], isSo: () => true },
    command: (_bench, make) => make.onPatch('signal', -1, { blockingTasks: blocking }),
  },
  {
    ...{ name: 'refresh', command: (_bench, make) => make.send({ action: 'refresh', kernel: null }) },
    ...{ once: [], isSo: () => true },
  },
]

/** One life and death of a command. @returns whether the agent died, that is, whether there was a k-th effect */
const liveThrough = async (scenario: Scenario, fault: Fault): Promise<boolean> => {
  const bench = await createCommandBench()
  const make = commandsOn(bench)
  const first = await bench.startAgent()
  await bench.advance(8)
  await scenario.prepare?.(bench, make, async (message) => {
    first.desk.command(message)
    await bench.advance(8)
  })
  await first.stop()
  bench.effects.length = 0
  const mortal = await bench.startAgent(fault)
  await bench.advance(8)
  const message = scenario.command(bench, make)
  const id = idOf(message)
  mortal.desk.command(message)
  await bench.advance(15)
  const died = mortal.isDead()
  await mortal.stop()
  const before = bench.ends(id).length
  const second = await bench.startAgent()
  await bench.advance(8)
  second.desk.command(message)
  await bench.advance(20)
  second.desk.command(message)
  await bench.advance(1)

  const ends = bench.ends(id)
  const what = `${scenario.name}, died ${fault.when} effect ${fault.at}: ${JSON.stringify(ends)} ${bench.effects.join(', ')}`
  expect(ends.length, `lost: ${what}`).toBeGreaterThan(before)
  expect(new Set(ends.map(({ state, code }) => `${state} ${code}`)).size, `two minds: ${what}`).toBe(1)
  for (const effect of scenario.once) {
    expect(bench.effects.filter((done) => effect.test(done)).length, `twice: ${what}`).toBeLessThanOrEqual(1)
  }
  const [end] = ends
  if (end?.state === 'done') expect(scenario.isSo(bench), `not so: ${what}`).toBe(true)
  else if (died) expect(['failed', 'unknown'], what).toContain(end?.state)
  else expect(end, what).toMatchObject({ state: 'done' })
  // A failure that was told is one: what the kernel has been brought to is never passed over.
  const wasDone =
    scenario.once.length > 0 && scenario.once.every((effect) => bench.effects.some((done) => effect.test(done)))
  if (wasDone && scenario.isSo(bench)) expect(['done', 'unknown'], what).toContain(end?.state)
  await second.stop()
  return died
}

describe('T38 the agent dies at any effect of a command', () => {
  test.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
    'T38 T19 %s',
    async (_name, scenario) => {
      for (const when of ['before', 'torn', 'after'] as const) {
        let at = 1
        while (await liveThrough(scenario, { at, when })) at += 1
        expect(at, 'nothing was ever interrupted').toBeGreaterThan(2)
      }
    },
    120_000,
  )
})
