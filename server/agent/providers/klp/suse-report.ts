import type { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import type { ProviderFindings } from '@rebootless/shared/domain/provider-report.ts'
import type { ProviderHost } from '../provider.ts'
import { runTrouble, trouble } from '../tool-text.ts'
import { readLifecycleEnd } from './lifecycle.ts'
import { parseSusePatches, parseSuseStatus, rpmEdition, type SusePatch } from './suse-text.ts'

type Trouble = ProviderReport['troubles'][number]
type Blocker = ProviderReport['blockers'][number]

const BLOCKERS_MAX = 64
const FRAMES_MAX = 64

/** What `klp` or `kgr`, which print the same, say; null: not known. */
export interface SuseAnswers {
  readonly inProgress: boolean | null
  readonly patches: readonly SusePatch[] | null
}

export const askSuseTool = async (host: ProviderHost, tool: string, troubles: Trouble[]): Promise<SuseAnswers> => {
  const ask = async (args: readonly string[]) => {
    const result = await host.run(tool, args)
    const wrong = runTrouble([tool, ...args].join(' '), result)
    if (wrong !== null) troubles.push(wrong)
    return wrong === null ? result.stdout : null
  }
  const said = await ask(['status'])
  const status = said === null ? null : parseSuseStatus(said)
  if (said !== null && status === null)
    troubles.push(trouble(`${tool} status`, 0, 'It is neither ready nor in_progress.'))
  const listed = await ask(['-v', 'patches'])
  const { patches, notUnderstood } = parseSusePatches(listed ?? '')
  if (notUnderstood > 0)
    troubles.push(trouble(`${tool} -v patches`, 0, `${notUnderstood} of its entries are not understood and left out.`))
  // Were all of it not understood, that there are no patches would be a guess.
  const known = listed !== null && (patches.length > 0 || notUnderstood === 0)
  return { inProgress: status === null ? null : status === 'in_progress', patches: known ? patches : null }
}

/**
 * Processes by their number, from /proc. The tools would print command lines as well, which may hold what must not leave the
 * host; so they are asked for numbers only.
 */
export const readBlockers = async (host: ProviderHost, pids: readonly number[]): Promise<Blocker[]> => {
  const blockers: Blocker[] = []
  for (const pid of [...new Set(pids)].slice(0, BLOCKERS_MAX)) {
    const file = async (name: string) => {
      const text = await host.readText(`/proc/${pid}/${name}`, { unlisted: true })
      return text.ok ? text.value.trim() : null
    }
    const comm = (await file('comm'))?.slice(0, 64) ?? null
    const frames = (await file('stack'))?.split('\n') ?? []
    blockers.push({ pid, tid: null, comm, stack: frames.slice(0, FRAMES_MAX).map((frame) => frame.slice(0, 512)) })
  }
  return blockers
}

/** SUSE makes patches for a kernel for a year, and packages of its lifecycle data say to which day. */
export const readCoverage = async (
  host: ProviderHost,
  kind: 'kernel-livepatch' | 'kgraft-patch',
  active: SusePatch | undefined,
): Promise<Pick<ProviderFindings, 'coverage' | 'coverageUntil' | 'settings'>> => {
  const name = `${kind}-${host.kernel.release.replaceAll('.', '_')}`
  const end = await readLifecycleEnd(host, name, rpmEdition(active?.rpm ?? null))
  if (end === null) return {}
  const today = new Date(host.now()).toISOString().slice(0, 10)
  return {
    ...{ coverage: end.day < today ? 'end_of_life' : 'supported', coverageUntil: end.day },
    settings: [{ name: 'lifecycle data', value: end.file.slice(0, 200) }],
  }
}

/** The initial patch is in like any other, and fixes nothing. */
export const suseSentence = (patches: readonly Pick<SusePatch, 'active' | 'initial'>[] | null): string => {
  if (patches === null) return 'Which live patches are in is not known.'
  const active = patches.filter((patch) => patch.active === '1')
  const others = patches.length - active.length
  const rest = others === 0 ? '' : `, ${others} other${others === 1 ? '' : 's'} not`
  if (active.length === 0) return `No live patch is active${rest === '' ? '' : `, ${others} inactive`}.`
  const initial = active.every((patch) => patch.initial) ? '; it is the initial one, which fixes nothing' : ''
  return `${active.length} live patch${active.length === 1 ? ' is' : 'es are'} active${rest}${initial}.`
}
