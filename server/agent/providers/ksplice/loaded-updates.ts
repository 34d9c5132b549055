import type { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import type { ProviderPatchState } from '@rebootless/shared/domain/words.ts'
import type { ProviderHost } from '../provider.ts'
import { isUpdateId } from './update-titles.ts'

export interface LoadedUpdate {
  readonly id: string
  readonly state: ProviderPatchState
  /** The kernel side's word; null: it could not be read. */
  readonly stage: string | null
  readonly blockers: ProviderReport['blockers']
}

/** Ksplice's own word for where an update stands: ksplice 0.9.9, kmodsrc/ksplice.c, stage_show. */
const STAGES: Readonly<Record<string, ProviderPatchState>> = {
  ...{ preparing: 'patching', applied: 'applied', reversed: 'disabled' },
}
const UPDATES_MAX = 1024

/**
 * The updates in the kernel by Ksplice's sysfs, each a module `ksplice_ID` or, where the kernel holds Ksplice itself, a
 * directory of its own (uptrack 2011, Uptrack.py, getInstalledIDs); null: modules could not be listed.
 */
export const readLoadedUpdates = async (host: ProviderHost): Promise<LoadedUpdate[] | null> => {
  const modules = await host.list('/sys/module')
  const own = await host.list('/sys/kernel/ksplice')
  if (!modules.ok && !own.ok) return null
  const inModules = entries(modules).flatMap((name) => {
    const id = name.startsWith('ksplice_') ? name.slice('ksplice_'.length) : ''
    return isUpdateId(id) ? [{ id, directory: `/sys/module/${name}/ksplice` }] : []
  })
  const inKernel = entries(own).flatMap((id) =>
    isUpdateId(id) ? [{ id, directory: `/sys/kernel/ksplice/${id}` }] : [],
  )
  const updates: LoadedUpdate[] = []
  for (const { id, directory } of [...inModules, ...inKernel].slice(0, UPDATES_MAX)) {
    const read = await host.readText(`${directory}/stage`, { bytesMax: 64, unlisted: true })
    if (!read.ok && (read.errno === 'ENOENT' || read.errno === 'ENODEV')) continue
    const stage = read.ok ? read.value.trim() : null
    const state = (stage === null ? undefined : STAGES[stage]) ?? 'unknown'
    // The kernel names who was in the way of the last try, which matters until it has gone in.
    const blockers = state === 'patching' ? await readConflicts(host, `${directory}/conflicts`) : []
    updates.push({ id, state, stage, blockers })
  }
  return updates
}

const entries = (listing: Awaited<ReturnType<ProviderHost['list']>>): readonly string[] =>
  listing.ok ? listing.value.map(({ name }) => name) : []

/** `conflicts`: a line `COMM PID FUNCTION …` for each task (ksplice 0.9.9, kmodsrc/ksplice.c, conflict_show). */
const readConflicts = async (host: ProviderHost, path: string): Promise<ProviderReport['blockers']> => {
  const read = await host.readText(path)
  return read.ok ? parseConflicts(read.value) : []
}

export const parseConflicts = (text: string): ProviderReport['blockers'] =>
  text
    .split('\n')
    .flatMap((line) => {
      // A name may hold blanks; the number after it is the first word that is one.
      const [, comm, pid, rest = ''] = /^(.{0,64}?) (\d{1,10})( .*)?$/.exec(line) ?? []
      if (pid === undefined || comm === undefined) return []
      const stack = rest.split(' ').filter((name) => name !== '')
      return [{ pid: Number(pid), tid: null, comm, stack: stack.slice(0, 64).map((name) => name.slice(0, 512)) }]
    })
    .slice(0, 64)
