import { randomBytes } from 'node:crypto'
import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { DatabaseUnusableError } from '../database-error.ts'
import { identifyProcess, processRuns } from './process-identity.ts'

const Holder = z.object({ pid: z.number(), startTicks: z.string(), bootId: z.string(), released: z.boolean() })
type Holder = z.infer<typeof Holder>

const lockFile = (home: string, generation: number) => path.join(home, `supervisor.${generation}`)

/**
 * Makes this process the one supervisor of a database folder. Node has no flock(2), and a plain lock file can't be
 * taken over from a dead owner without a race. So each owner makes the next of `supervisor.1`, `supervisor.2`, …, which
 * link(2) gives to one process only, and the highest is the one that counts.
 * @returns releases it
 * @throws DatabaseUnusableError while another living process holds it
 */
export async function lockForSupervisor(home: string): Promise<() => Promise<void>> {
  const self = await identifyProcess(process.pid)
  if (self === undefined) throw new Error('/proc is not mounted; the embedded PostgreSQL needs it')
  for (;;) {
    const last = Math.max(0, ...(await generations(home)))
    const holder = last > 0 ? await readHolder(lockFile(home, last)) : undefined
    if (holder && !holder.released && (await processRuns(holder))) {
      throw new DatabaseUnusableError(
        `Another Rebootless uses this data directory, pid ${holder.pid} (its database is in ${home}). ` +
          'Stop it first, or give this one a data directory of its own by REBOOTLESS_DATA.',
      )
    }
    const mine = lockFile(home, last + 1)
    const draft = path.join(home, `supervisor-draft.${randomBytes(8).toString('hex')}`)
    const write = (released: boolean) =>
      writeFile(draft, JSON.stringify({ ...self, released } satisfies Holder), { mode: 0o644 })
    await write(false)
    const won = await link(draft, mine).then(
      () => true,
      () => false,
    )
    await rm(draft, { force: true })
    if (!won) continue
    // A slow reader may have looked before a higher one came and the lower ones went.
    const higher = (await generations(home)).some((generation) => generation > last + 1)
    if (higher) {
      await rm(mine, { force: true })
      continue
    }
    for (const old of await generations(home)) if (old <= last) await rm(lockFile(home, old), { force: true })
    return async () => {
      await write(true)
      await rename(draft, mine)
    }
  }
}

async function generations(home: string): Promise<number[]> {
  const names = await readdir(home)
  return names.flatMap((name) => /^supervisor\.(\d{1,15})$/.exec(name)?.[1] ?? []).map(Number)
}

/** A file that can't be read was torn by a power cut: its owner is dead. */
async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    return Holder.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch {
    return undefined
  }
}
