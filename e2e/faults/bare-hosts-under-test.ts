import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type BareFleet, startBareFleet } from '@rebootless/server/bench/bare-fleet.ts'
import { makeBareHosts } from '@rebootless/server/bench/bare-hosts.ts'
import type { ProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { until } from './fault.ts'

export interface BareHosts extends BareFleet {
  readonly ids: readonly string[]
  /** How many the server shows as connected. */
  connected(): Promise<number>
  /** Seconds until the server shows all as connected and has heard each since a moment. */
  allBack(since: number, withinMs?: number): Promise<number>
  stop(): Promise<void>
}

const MOST = 500

/** So many linked hosts in a process of their own; `server`: what they dial instead of the program itself. */
export const startBareHosts = async (program: ProgramUnderTest, count: number, server?: string): Promise<BareHosts> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rebootless-faults-'))
  const identities = await makeBareHosts(program, count)
  const ids = identities.map(({ hostId }) => hostId)
  const fleet = await startBareFleet(
    folder,
    identities.map((one) => ({ ...one, server: server ?? one.server })),
  )
  const heardSince = async (since: number): Promise<number> => {
    const { items } = await program.hosts(`filter=name:bare-*&limit=${Math.min(MOST, count)}`)
    return items.filter((host) => host.connected && Date.parse(host.lastSeenAt ?? '') > since).length
  }
  const allBack = async (since: number, withinMs = 180_000): Promise<number> =>
    (await until('all hosts are connected', async () => (await heardSince(since).catch(() => 0)) === count, {
      withinMs,
      everyMs: 200,
    })) / 1000
  await allBack(0)
  return {
    ...fleet,
    ids,
    connected: () => heardSince(0),
    allBack,
    async stop() {
      fleet.kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
