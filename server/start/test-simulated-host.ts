import { createHash } from 'node:crypto'
import type { Clock } from '../agent/clock.ts'
import { holdingTask, RELEASED } from '../sim/fleet/holds.ts'
import type { HostPlan } from '../sim/fleet/host-plan.ts'
import { createLiveHost } from '../sim/fleet/live-host.ts'
import { SimulatedHost } from '../sim/fleet/simulated-host.ts'
import { type MemorySocket, memoryLink } from './test-memory-socket.ts'
import { type AgentDisk, type SimulatedAgent, startSimulatedAgent } from './test-simulated-agent.ts'

/** A simulated machine in a rollout, its agent, and the way to the server, each of which something can befall. */
export const createHostInRun = (options: {
  readonly id: string
  readonly plan: HostPlan
  readonly clock: Clock
  readonly startedAtMs: number
  readonly commandKey: string
  readonly random: () => number
  /** Its agent.json allows packages; left out: it does. */
  readonly packageUpdates?: boolean
  readonly fetchArtefact: (hostId: string, sha256: string) => Promise<Uint8Array>
}) => {
  const { id, plan, clock, startedAtMs } = options
  let offsetMs = 0
  const own: Clock = { ...clock, now: () => clock.now() + offsetMs }
  const machine = new SimulatedHost({ plan, startedAtMs })
  const live = createLiveHost(machine, { clock: own, startedUs: clock.monotonicMicroseconds() })
  const disk: AgentDisk = { journal: undefined, kept: new Map(), epoch: 0 }
  const insertions: number[] = []
  const over = new AbortController()
  let agent: SimulatedAgent | null = null
  let isCut = false
  let link: ReturnType<typeof memoryLink> | null = null
  let dialled = false

  const dial = (): MemorySocket => {
    if (isCut) throw new Error('the network is unreachable')
    link = memoryLink()
    dialled = true
    return link.agent
  }

  return {
    id,
    name: plan.name,
    rack: plan.labels.rack ?? null,
    /** When modules were put in, by the host's clock. */
    insertions,
    offsetMs: () => offsetMs,
    setOffsetMs: (ms: number) => {
      offsetMs = ms
    },
    link: () => link,
    /** Its agent has dialled since this was asked last. */
    hasDialled: (): boolean => {
      const had = dialled
      dialled = false
      return had && link !== null
    },
    cut: () => {
      isCut = true
      link?.agent.terminate()
    },
    mend: () => {
      isCut = false
    },
    drop: () => link?.agent.terminate(),
    agent: () => (agent?.isDead() === false ? agent : null),
    /** A new run of the agent, if its machine is on and no other runs. */
    async revive(): Promise<void> {
      if (machine.kernel === null || agent?.isDead() === false) return
      link?.agent.terminate()
      const boot = await live.poweredOn(over.signal)
      if (boot === null) return
      agent = startSimulatedAgent({
        ...{ plan, boot, disk, dial, clock: { ...boot.clock, now: own.now } },
        ...{ random: options.random, onInsert: (atMs) => void insertions.push(atMs) },
        host: {
          hostId: id,
          hostKey: createHash('sha256').update(Buffer.from(id)).digest('hex'),
          commandKey: options.commandKey,
        },
        packageUpdates: options.packageUpdates ?? true,
        fetchArtefact: (sha256) => options.fetchArtefact(id, sha256),
      })
    },
    powerOff: () => {
      agent?.kill()
      link?.agent.terminate()
      if (machine.kernel !== null) machine.crash()
    },
    powerOn: () => {
      if (machine.kernel === null) machine.boot()
    },
    /** A task sleeps in one of the newest patch's functions until let go. */
    hold: () => {
      const held = plan.holds.find(({ kind }) => kind === 'killable')
      if (held === undefined || machine.kernel === null) return
      machine.kernel.keepTasksRunning(true)
      machine.kernel.machine.spawn(holdingTask(held))
    },
    letGo: () => machine.kernel?.machine.signalEvent(RELEASED),
    /** By its kernel: a patch is on its way in or out. */
    isChanging: () => (machine.kernel?.state.livepatch.changing.patch ?? null) !== null,
    /** By its kernel: the patch is enabled and its transition over. */
    hasInEffect: (patch: string): boolean => {
      const core = machine.kernel?.state.livepatch
      return core?.patches.some((one) => one.name === patch && one.enabled && core.changing.patch !== one) ?? false
    },
    stop: () => {
      agent?.kill()
      over.abort()
      live.stop()
    },
  }
}
export type HostInRun = ReturnType<typeof createHostInRun>
