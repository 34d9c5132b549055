// Goal: what is done to a transition is done to the one that was approved and to no other, and a force never unless it has to be
// (T26). Method: the desk over a simulated host on which the oldest patch is in and the newest stalls, on a virtual clock.
import { beforeEach, describe, expect, test } from 'vitest'
import { actsOn } from './test-acts.ts'
import { type CommandBench, commandsOn, createCommandBench } from './test-command-bench.ts'

let bench: CommandBench
let make: ReturnType<typeof commandsOn>
let agent: Awaited<ReturnType<CommandBench['startAgent']>>
let newest: string
beforeEach(async () => {
  bench = await createCommandBench()
  make = commandsOn(bench)
  newest = bench.patchName(-1)
  agent = await bench.startAgent()
  await bench.advance(8)
})

const { begin, endOf, run, done, stalledLoad } = actsOn(() => ({ bench, make, agent }))

describe('T26 force', () => {
  const force = (blockingTasks: { tid: number; name: string }[]) => make.onPatch('force', -1, { blockingTasks })

  test('T26 before anything stalls, on another patch, or with other tasks than were approved: refused', async () => {
    expect(await run(force([{ tid: 1, name: 'init' }]))).toMatchObject({ state: 'refused', code: 'no_transition' })
    const { blocking } = await stalledLoad()
    const other = make.onPatch('force', 0, { blockingTasks: blocking })
    expect(await run(other)).toMatchObject({ code: 'other_transition' })
    expect(await run(force([{ tid: 1, name: 'init' }]))).toMatchObject({ code: 'other_blocking_tasks' })
    const renamed = blocking.map((task) => ({ ...task, name: 'other' }))
    expect(await run(force(renamed))).toMatchObject({ code: 'other_blocking_tasks' })
    expect(done()).toEqual(['run insmod FILE'])
  })

  test('T26 right after the start most tasks look as if they blocked: not stalled yet', async () => {
    const tid = bench.hold()
    await bench.advance(1)
    agent.desk.command(make.load(-1))
    while (bench.host.kernel?.state.livepatch.changing.patch == null) await bench.advance(0.05)
    const name = bench.host.kernel?.machine.tasks.get(tid)?.comm ?? ''
    expect(await run(force([{ tid, name }]), 1)).toMatchObject({ state: 'refused', code: 'not_stalled' })
  })

  test('T26 as approved: done, stacks stored before, and no change any more until another boot, over a restart too', async () => {
    const { message, blocking } = await stalledLoad()
    expect(await run(force(blocking))).toMatchObject({ state: 'done' })
    expect(endOf(message)).toMatchObject({ state: 'done' })
    const stored = bench.disk.journal?.split('\n').find((line) => line.includes('"forced":{'))
    expect(stored).toContain('"stack":[')
    const refused = { state: 'refused', code: 'forced_boot' }
    expect(await run(make.onPatch('disable', -1))).toMatchObject(refused)
    expect(await run(make.load(-2))).toMatchObject(refused)
    await agent.stop()
    agent = await bench.startAgent()
    await bench.advance(8)
    expect(await run(make.onPatch('disable', -1))).toMatchObject(refused)
    await agent.stop()
    bench.host.crash()
    bench.host.boot()
    agent = await bench.startAgent()
    await bench.advance(8)
    expect(await run(make.load(-1, { downgrade: true }))).toMatchObject({ state: 'done' })
  })

  test('signal: user-space tasks that still block are stopped for a moment and go on', async () => {
    const { blocking } = await stalledLoad()
    const signal = make.onPatch('signal', -1, { blockingTasks: blocking })
    expect(await run(signal)).toMatchObject({ state: 'done', detail: expect.stringMatching(/1 of 1/) })
    expect(done().slice(1)).toEqual(['SIGSTOP', 'SIGCONT'])
    const others = make.onPatch('signal', -1, { blockingTasks: [{ tid: 1, name: 'init' }] })
    expect(await run(others)).toMatchObject({ code: 'other_blocking_tasks' })
  })
})

describe('T26 that transition, and no other', () => {
  const REFUSED = { state: 'refused', code: 'other_transition' }
  test.each(['reverse', 'retry', 'signal', 'force'] as const)(
    'T26 %s of a transition of another patch, or the other way, is refused by name',
    async (action) => {
      const { blocking: blockingTasks } = await stalledLoad()
      const before = done()
      const other = await run(make.onPatch(action, 0, { blockingTasks }))
      expect(other).toMatchObject({
        ...REFUSED,
        detail: expect.stringContaining(`${newest} is in transition, and not`),
      })
      const otherWay = await run(make.onPatch(action, -1, { blockingTasks, target: 'unpatching' }))
      expect(otherWay).toMatchObject({
        ...REFUSED,
        detail: expect.stringMatching(/is patching; what was approved .* unpatching/),
      })
      expect(done()).toEqual(before)
    },
  )

  test('T26 reversed meanwhile: what was approved for the way in does not turn the way out round', async () => {
    expect(await run(make.load(-1))).toMatchObject({ state: 'done' })
    const tid = bench.hold()
    await bench.advance(1)
    await begin(make.onPatch('disable', -1), 20)
    expect(bench.inEffect()).toEqual([])
    expect(await run(make.onPatch('reverse', -1))).toMatchObject(REFUSED)
    const blockingTasks = [{ tid, name: bench.host.kernel?.machine.tasks.get(tid)?.comm ?? '' }]
    expect(await run(make.onPatch('force', -1, { blockingTasks }))).toMatchObject(REFUSED)
    expect(await run(make.onPatch('reverse', -1, { target: 'unpatching' }))).toMatchObject({ state: 'done' })
    expect(bench.inEffect()).toEqual([newest])
  })
})
