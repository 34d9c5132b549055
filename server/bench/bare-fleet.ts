import { fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AgentIdentity } from '../agent/link/identity.ts'
import type { LinkDials, Tally } from './bare-agents.ts'

/** Agents' links with no kernel behind them, in a process of their own. */
export interface BareFleet {
  readonly pid: number | undefined
  tally(): Promise<Tally>
  dials(): Promise<LinkDials[]>
  kill(): void
}

/** Writes the identities, keys and all, into the folder, which is its caller's to remove. The first so many are in a transition. */
export const startBareFleet = async (
  folder: string,
  identities: readonly AgentIdentity[],
  { signal, inTransition = 0 }: { readonly signal?: AbortSignal; readonly inTransition?: number } = {},
): Promise<BareFleet> => {
  const file = path.join(folder, 'identities.json')
  await writeFile(file, JSON.stringify(identities), { mode: 0o600 })
  const program = path.join(path.dirname(fileURLToPath(import.meta.url)), 'bare-agents.ts')
  const child = fork(program, [file, `${inTransition}`], { execArgv: ['--import', 'tsx'] })
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
    kill: () => void child.kill(),
  }
}
