import type { HostPlan } from '../../sim/fleet/host-plan.ts'
import type { CommandBench, commandsOn } from './test-command-bench.ts'
import { planOf } from './test-plans.ts'

type Make = ReturnType<typeof commandsOn>
export interface Scenario {
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
  /** Another host than the bench's own. */
  readonly plan?: () => HostPlan
  /** Three seconds after the command. */
  readonly meanwhile?: (bench: CommandBench) => void
  /** By then it has ended; 15 unless said otherwise. */
  readonly seconds?: number
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

export const SCENARIOS: readonly Scenario[] = [
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
    ...{ name: 'retry', prepare: stalled, command: (_bench, make) => make.onPatch('retry', -1), isSo: isIn },
    once: [/^write 0 /, /^run rmmod/, /^run insmod/],
    meanwhile: (bench) => bench.letGo(),
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
    ...{ name: 'update', plan: () => planOf('kernelcare'), seconds: 60, once: [/^run kcarectl/] },
    command: (_bench, make) => make.send({ action: 'update', provider: 'kernelcare' }),
    isSo: (bench) => bench.host.kernel?.state.system?.applied.some(({ name }) => name === newest(bench)) === true,
  },
  {
    ...{ name: 'refresh', command: (_bench, make) => make.send({ action: 'refresh', kernel: null }) },
    ...{ once: [], isSo: () => true },
  },
]
