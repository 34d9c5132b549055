import { createHash } from 'node:crypto'
import type { Authorisation } from '@rebootless/shared/contract/command.ts'
import { type Refused, refused } from '../commands/signatures.ts'
import type { Loaded } from '../journal/journal-state.ts'
import type { KernelFs } from '../kernel/kernel-fs.ts'
import { readLockdown, readSignatureEnforced } from '../kernel/kernel-switches.ts'
import { readModules } from '../kernel/modules.ts'
import { startReading } from '../kernel/reading.ts'
import { type ModuleInfo, readModuleInfo } from './module-info.ts'
import type { ActJournal, ActPorts } from './ports.ts'

export interface Artefact {
  readonly bytes: Uint8Array
  readonly info: ModuleInfo
  readonly loaded: Loaded
}

/**
 * The module that is to go in: the one that was approved, or, where none is named, the one by this name that this agent
 * put in before. Refused unless it is a livepatch for this very kernel that the kernel would take (threat-model T24).
 */
export const getArtefact = async (
  authorisation: Authorisation,
  patch: string,
  ports: ActPorts,
  journal: ActJournal,
): Promise<{ readonly ok: true; readonly artefact: Artefact } | Refused> => {
  const release = authorisation.kernel?.release ?? ''
  const known = journal.known(patch)
  const wanted = authorisation.artefact ?? known
  if (wanted === null || wanted === undefined) {
    return refused(
      'artefact_unavailable',
      `This agent has put no ${patch} into effect, so it has no copy of it: ask anew with the module.`,
    )
  }
  const loaded: Loaded = { sha256: wanted.sha256, releaseCounter: wanted.releaseCounter, release }
  let bytes = await ports.kept.read(wanted.sha256)
  if (bytes === undefined) {
    if (authorisation.artefact === null) return refused('artefact_unavailable', 'The copy that was kept is gone.')
    try {
      bytes = await ports.fetchArtefact(wanted.sha256, authorisation.artefact.size)
    } catch (error) {
      return refused('artefact_unavailable', error instanceof Error ? error.message.slice(0, 500) : String(error))
    }
  }
  const size = authorisation.artefact?.size ?? bytes.length
  if (bytes.length !== size || sha256Of(bytes) !== wanted.sha256) {
    return refused('artefact_mismatch', `${bytes.length} bytes came, with the hash ${sha256Of(bytes)}.`)
  }
  const info = readModuleInfo(bytes)
  const later = laterThan(loaded, journal)
  if (later !== null && !authorisation.downgrade) {
    return refused(
      'artefact_older',
      `Its release is ${loaded.releaseCounter}; ${later.patch}, which was in before, had ${later.releaseCounter}: to go back, allow a downgrade.`,
    )
  }
  const refusal = checkInfo(info, patch, release) ?? (await checkKernel(info, ports.fs))
  if (refusal !== null || info === null) return refusal ?? refused('artefact_not_livepatch', 'It is no module.')
  await ports.kept.keep(wanted.sha256, bytes)
  return { ok: true, artefact: { bytes, info, loaded } }
}

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/**
 * A later release that this agent has had in on this kernel, whatever its name: names of one series follow no rule, as SUSE's
 * `livepatch_6_150600_13_6_1` and `livepatch_SLE15_SP6_Update_1_14` show. Two series on one kernel need the word `downgrade`.
 */
const laterThan = ({ releaseCounter, release }: Loaded, journal: ActJournal) =>
  journal.loaded().find((one) => one.release === release && one.releaseCounter > releaseCounter) ?? null

const checkInfo = (info: ModuleInfo | null, patch: string, release: string): Refused | null => {
  if (info === null) return refused('artefact_not_livepatch', 'It is not an ELF file with a .modinfo section.')
  if (info.entries.get('livepatch') !== 'Y') return refused('artefact_not_livepatch', 'It lacks the mark livepatch=Y.')
  const name = info.entries.get('name') ?? ''
  if (name !== patch) return refused('artefact_name', `It is ${name || 'without a name'}; approved was ${patch}.`)
  // The kernel passes over the release where symbols have versions; a livepatch is made for one build all the same.
  const [builtFor = ''] = (info.entries.get('vermagic') ?? '').split(' ')
  return builtFor === release
    ? null
    : refused('artefact_kernel', `It was built for ${builtFor || 'an unknown kernel'}; ${release} runs.`)
}

const checkKernel = async (info: ModuleInfo | null, fs: KernelFs): Promise<Refused | null> => {
  const reading = startReading(fs)
  const names = (info?.entries.get('depends') ?? '').split(',').filter((name) => name !== '')
  const modules = names.length === 0 ? [] : await readModules(reading)
  const missing = names.find((name) => !modules?.some((loaded) => loaded.name === name.replaceAll('-', '_')))
  if (missing !== undefined) return refused('artefact_depends', `It needs the module ${missing.slice(0, 64)}.`)
  if (info?.signed) return null
  const lockdown = await readLockdown(reading)
  if ((await readSignatureEnforced(reading)) === true) {
    return refused('artefact_unsigned', 'It is not signed, and module.sig_enforce is set.')
  }
  return lockdown === null || lockdown === 'none'
    ? null
    : refused('artefact_unsigned', `It is not signed, and the kernel is locked down (${lockdown}).`)
}
