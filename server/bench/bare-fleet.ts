import { fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { constants, setPriority } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AgentIdentity } from '../agent/link/identity.ts'
import type { LinkDials, Tally } from './bare-agents.ts'

/** Agents' links with no kernel behind them, in a process of their own. */
export interface BareFleet {
  readonly pid: number | undefined
  tally(): Promise<Tally>
  dials(): Promise<LinkDials[]>
  /** Of those that are to be in a transition, it begins. */
  begin(): void
  kill(): void
}

interface FleetOptions {
  readonly signal?: AbortSignal
  readonly inTransition?: number
  readonly perSecond?: number
  /** Behind whatever else wants the processors: agents have their own machines' (nice(1)). */
  readonly behind?: boolean
}

/**
 * Writes the identities, keys and all, into the folder, which is its caller's to remove. The first so many are to be in a transition;
 * so many begin to dial in each second, if not all at once.
 */
export const startBareFleet = async (
  folder: string,
  identities: readonly AgentIdentity[],
  { signal, inTransition = 0, perSecond = 0, behind = false }: FleetOptions = {},
): Promise<BareFleet> => {
  const file = path.join(folder, 'identities.json')
  await writeFile(file, JSON.stringify(identities), { mode: 0o600 })
  const program = path.join(path.dirname(fileURLToPath(import.meta.url)), 'bare-agents.ts')
  const child = fork(program, [file, `${inTransition}`, `${perSecond}`], { execArgv: ['--import', 'tsx'] })
  if (behind && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL)
  let asked: Promise<unknown> = Promise.resolve()
  /** One at a time, since answers do not say to which question. */
  const ask = async (what: 'tally' | 'dials') => {
    const before = asked
    const answered = (async () => {
      await before.catch(() => undefined)
      child.send(what)
      const [answer] = await once(child, 'message', signal && { signal })
      return answer
    })()
    asked = answered
    return await answered
  }
  return {
    pid: child.pid,
    tally: () => ask('tally'),
    dials: () => ask('dials'),
    begin: () => void child.send('begin'),
    kill: () => void child.kill(),
  }
}
