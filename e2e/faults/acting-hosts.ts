import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { benchPlan } from '@rebootless/server/agent/commands/test-plans.ts'
import type { ProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { simulatedModule } from '@rebootless/server/sim/fleet/simulated-module.ts'
import { type HostOfSeveral, startHostOfSeveral } from '@rebootless/server/start/test-host-of-several.ts'
import { EnrolmentToken } from '@rebootless/shared/contract/enrolment.ts'
import { type Fault, until } from './fault.ts'

const AT_ONCE = 6

export interface ActingHosts {
  readonly all: readonly HostOfSeveral[]
  /** Words of the filter that names them. */
  readonly filter: string
  /** In the catalogue: a livepatch for their kernel that none of them has. */
  readonly patch: string
}

/** So many simulated machines with the real agent, which all name these servers, and a patch for them in the catalogue. */
export const startActingHosts = async (
  fault: Fault,
  program: ProgramUnderTest,
  { count, servers }: { readonly count: number; readonly servers: readonly string[] },
): Promise<ActingHosts> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rebootless-faults-'))
  fault.inTheEnd(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const random = fault.random.fork()
  const base = benchPlan()
  const newest = base.patches.at(-1)
  if (newest === undefined) throw new Error('no patch')
  const module = Buffer.from(simulatedModule(newest, base))
  await program.ask('POST', '/api/v1/patches', module)
  const all: HostOfSeveral[] = []
  fault.inTheEnd(() => Promise.all(all.map((host) => host.stop())))
  const start = async (index: number): Promise<void> => {
    const { token } = EnrolmentToken.parse(await (await program.ask('POST', '/api/v1/enrolment-tokens', {})).json())
    const plan = { ...base, name: `host-${String(index + 1).padStart(3, '0')}`, seed: random.integer(1, 1_000_000) }
    all.push(await startHostOfSeveral({ plan, folder, servers, token, random: () => random.fraction() }))
  }
  for (let index = 0; index < count; index += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - index) }, (_, offset) => start(index + offset))
    await Promise.all(some)
  }
  const filter = 'name:host-*'
  await until('all hosts have told of themselves', async () => {
    const { items } = await program.hosts(`filter=${filter}&limit=500`)
    return items.filter(({ connected, readAt }) => connected && readAt !== null).length === count
  })
  return { all, filter, patch: createHash('sha256').update(module).digest('hex') }
}
