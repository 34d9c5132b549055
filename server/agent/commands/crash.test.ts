// Goal: a command is never lost and never done twice, wherever the agent dies (T19, T38). Method: the desk over a simulated
// host on a virtual clock; every effect on the disk, on a program and on the kernel is counted by the run itself, and the
// agent dies before, after, and for the disk in the middle of the k-th, k = 1 … last; then it comes again over the same journal,
// and the server sends the same command again, as it does after a broken link. AGENT_DEATHS=all is each death at each effect, as CI
// runs it; else each effect has one of the three.
import { createFaultReport } from '@rebootless/shared/domain/test-fault-report.ts'
import { afterAll, describe, expect, test } from 'vitest'
import { commandsOn, createCommandBench, type Fault } from './test-command-bench.ts'
import { idOf } from './test-commands.ts'
import { SCENARIOS, type Scenario } from './test-scenarios.ts'

const report = createFaultReport()
const ALL = process.env.AGENT_DEATHS === 'all'
const WHEN = { before: 'before', torn: 'in the middle of', after: 'after' } as const
afterAll(() => console.info(`What became of commands whose agent died (T40), by when it died:\n${report.text()}`))

/** One life and death of a command. @returns whether the agent died, that is, whether there was a k-th effect */
const liveThrough = async (scenario: Scenario, fault: Fault): Promise<boolean> => {
  const bench = await createCommandBench(scenario.plan === undefined ? {} : { plan: scenario.plan() })
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
  await bench.advance(3)
  scenario.meanwhile?.(bench)
  await bench.advance((scenario.seconds ?? 15) - 3)
  const died = mortal.isDead()
  await mortal.stop()
  const before = bench.ends(id).length
  const second = await bench.startAgent()
  await bench.advance(8)
  second.desk.command(message)
  await bench.advance((scenario.seconds ?? 15) + 5)
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
  const hasActed = scenario.once.some((effect) => bench.effects.some((done) => effect.test(done)))
  if (died) report.meet(`${scenario.name}, ${WHEN[fault.when]} an effect`, [end?.state ?? 'nothing'])
  if (end?.state === 'done') expect(scenario.isSo(bench), `not so: ${what}`).toBe(true)
  // What it was to act on may be over by the time that it is heard again, so long as nothing was done.
  else if (died) expect(['failed', 'unknown', ...(hasActed ? [] : ['refused'])], what).toContain(end?.state)
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
      const deaths = [0, 0, 0]
      for (const [index, when] of (['before', 'torn', 'after'] as const).entries()) {
        const [first, step] = ALL ? [1, 1] : [1 + index, 3]
        while (await liveThrough(scenario, { at: first + (deaths[index] ?? 0) * step, when })) {
          deaths[index] = (deaths[index] ?? 0) + 1
        }
      }
      const sum = deaths.reduce((one, other) => one + other, 0)
      expect(ALL ? Math.min(...deaths) : sum, 'hardly anything was interrupted').toBeGreaterThan(1)
    },
    120_000,
  )
})
