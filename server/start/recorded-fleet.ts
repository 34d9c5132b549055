import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { privateModuleFiles } from '../agent/acts/private-files.ts'
import { LAB_POLICY } from '../agent/config/host-policy.ts'
import { createSystemClock } from '../agent/kernel/system-clock.ts'
import { ensureEnrolled } from '../agent/link/enrol.ts'
import type { HostPrograms } from '../agent/programs/programs.ts'
import { DEFAULT_RECORDED, openRecorded, recordedScenarios } from '../agent/recorded/recorded-host.ts'
import { runAgent } from '../agent/run-agent.ts'
import { createObserver } from '../agent/watch/observer.ts'

/**
 * Replays recorded kernels: the real agent, once for each, in one process. Arguments: server address, data directory,
 * folder of captures, how many. It asks its parent for join tokens over the IPC channel, and ends with its parent.
 */
const [server = '', dataDirectory = '', captures = '', count = '0'] = process.argv.slice(2)
const RETRY_MS = 5_000
const clock = createSystemClock()
const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
process.once('SIGINT', () => stop.abort())
process.once('disconnect', () => stop.abort())

/** A recording takes no writes and runs nothing; a command to it is refused before it comes to that. */
const NO_PROGRAMS: HostPrograms = {
  run: async (program) => ({ ok: false, errno: 'ENOENT', detail: `${program}: not recorded`, stdout: '', stderr: '' }),
}

/** One at a time, since an answer does not say which question it is for. */
let asking: Promise<unknown> = Promise.resolve()
const token = (): Promise<string> => {
  const answer = asking.then(async () => {
    process.send?.({ wanted: 'token' })
    const [message] = await once(process, 'message', { signal: stop.signal })
    if (typeof message.token !== 'string') throw new Error(`no join token: ${message.error}`)
    return message.token
  })
  asking = answer.catch(() => undefined)
  return answer
}

/** The telling ones first; beyond them, whatever else was recorded. */
async function chooseFolders(): Promise<string[]> {
  const all = await recordedScenarios(captures)
  const first = DEFAULT_RECORDED.flatMap(([kernel, scenario]) =>
    all.filter((one) => one.kernel === kernel && one.scenario === scenario),
  )
  return [...first, ...all.filter((one) => !first.includes(one))].slice(0, Number(count)).map(({ folder }) => folder)
}

async function replay(folder: string): Promise<void> {
  const { fs, clock: hostClock, architecture, hostName } = await openRecorded(folder, { clock })
  const own = path.join(dataDirectory, hostName)
  await mkdir(own, { recursive: true, mode: 0o700 })
  const identity = { dataDirectory: own, hostName, origin: 'recorded', token } as const
  await ensureEnrolled({ ...identity, server, now: clock.now })
  await runAgent({
    ...identity,
    observer: createObserver({ fs, clock: hostClock, architecture, dataDirectory: own }),
    clock,
    ...{ policy: async () => LAB_POLICY, policyIsFixed: true },
    acts: { fs, programs: NO_PROGRAMS, moduleFiles: privateModuleFiles(own) },
    signal: stop.signal,
    log: {
      info: () => undefined,
      warn: (text) => console.error(`${hostName}: ${text}`),
    },
  })
}

/** A database that is just being restarted must not cost a host for good. */
async function keepReplaying(folder: string): Promise<void> {
  while (!stop.signal.aborted) {
    try {
      await replay(folder)
    } catch (error) {
      if (stop.signal.aborted) return
      console.error(`${path.basename(folder)}: ${error instanceof Error ? error.message : error}; trying again`)
      await clock.sleep(RETRY_MS, stop.signal)
    }
  }
}

await Promise.all((await chooseFolders()).map(keepReplaying))
if (process.connected) process.disconnect()
