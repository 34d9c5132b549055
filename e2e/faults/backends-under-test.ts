import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { askAt, type ProgramUnderTest, startProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { startTestProxy } from '@rebootless/server/process/test-proxy.ts'
import { HostList } from '@rebootless/shared/contract/host.ts'
import type { Fault } from './fault.ts'

export interface BackendUnderTest {
  /** Where agents dial it. */
  readonly server: string
  /** SIGKILL, whatever it is at. */
  kill(): Promise<void>
  /** Resolves when it is ready, and the balancer goes to it again. */
  restart(): Promise<void>
  /** The number of the lease by which it drives rollouts; 0: another does. */
  leads(): Promise<number>
}

/**
 * So many backends on one database and one data folder, and before them a balancer that goes to those that are ready, turn by turn.
 * @returns the first backend as it is reached through the balancer: by whoever lives
 */
export const startBackendsUnderTest = async (
  fault: Fault,
  count: number,
  environment: Readonly<Record<string, string>>,
): Promise<{ program: ProgramUnderTest; backends: readonly BackendUnderTest[] }> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rebootless-faults-'))
  fault.inTheEnd(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const ready: ProgramUnderTest[] = []
  let turn = 0
  const balancer = await startTestProxy(() => {
    turn += 1
    const next = ready[turn % ready.length]
    return next === undefined ? undefined : { host: '127.0.0.1', port: Number(new URL(next.address).port) }
  })
  fault.inTheEnd(balancer.close)
  // The first alone: it makes the tables, and the keys that all share.
  for (let index = 0; index < count; index += 1) {
    const dataDirectory = path.join(folder, 'data')
    const one = await startProgramUnderTest(0, { quiet: true, dataDirectory, environment })
    fault.inTheEnd(one.stop)
    ready.push(one)
  }
  const [first] = ready
  if (first === undefined) throw new Error('no backend')
  const address = `http://127.0.0.1:${balancer.port}`
  const ask = askAt(address, () => first.cookie)
  return {
    program: {
      ...{ ...first, address, ask },
      cookies: () => first.cookies().map((cookie) => ({ ...cookie, url: address })),
      hosts: async (query) => HostList.parse(await (await ask('GET', `/api/v1/hosts?${query}`)).json()),
    },
    backends: ready.map((one) => ({
      server: one.agentAddress,
      async kill() {
        await one.kill()
        ready.splice(ready.indexOf(one), 1)
      },
      async restart() {
        await one.restart()
        ready.push(one)
      },
      async leads() {
        const metrics = await (await one.ask('GET', '/metrics')).text()
        return Number(/^rebootless_rollout_leader (\d+)$/m.exec(metrics)?.[1] ?? 0)
      },
    })),
  }
}
