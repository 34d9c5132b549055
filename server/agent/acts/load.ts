import { refused } from '../commands/signatures.ts'
import type { Plan } from '../commands/verify-command.ts'
import { type Artefact, getArtefact, sha256Of } from './get-artefact.ts'
import { patchInTransition, viewModule, viewPatch } from './kernel-view.ts'
import { type ActJournal, type ActPorts, failed, failedBy, type Outcome, refusedAct, waiting } from './ports.ts'
import { insertModule, removeModule } from './run-kmod.ts'

/** Refuses while anything is in transition: the kernel changes one patch at a time (klp_enable_patch, EBUSY). */
export const refuseInTransition = async ({ fs }: ActPorts): Promise<Outcome | null> => {
  const running = await patchInTransition(fs)
  if (running === undefined) return refusedAct(refused('livepatch_missing', '/sys/kernel/livepatch could not be read.'))
  return running === null ? null : refusedAct(refused('transition_running', `${running} is in transition.`))
}

/** `load`: a module of a new name goes in. */
export const load = async (plan: Plan, patch: string, ports: ActPorts, journal: ActJournal): Promise<Outcome> => {
  const refusal = await refuseInTransition(ports)
  if (refusal !== null) return refusal
  if ((await viewModule(ports.fs, patch)) !== null) {
    const there = (await viewPatch(ports.fs, patch)).kind !== 'absent'
    return refusedAct(
      refused('already_loaded', there ? `${patch} is in.` : `${patch} is loaded, and disabled: enable it.`),
    )
  }
  const got = await getArtefact(plan.authorisation, patch, ports, journal)
  return got.ok ? insert(got.artefact, patch, ports, journal) : refusedAct(got)
}

/** `enable`: a disabled one goes in again, which takes rmmod and insmod, since its init function enables it. */
export const enable = async (plan: Plan, patch: string, ports: ActPorts, journal: ActJournal): Promise<Outcome> => {
  const refusal = await refuseInTransition(ports)
  if (refusal !== null) return refusal
  const module = await viewModule(ports.fs, patch)
  if (module === null) return refusedAct(refused('not_loaded', `No module ${patch} is loaded: load it.`))
  const view = await viewPatch(ports.fs, patch)
  if (view.kind !== 'absent') return refusedAct(refused('not_disabled', `${patch} is in.`))
  if (module.references !== 0) {
    return refusedAct(refused('module_pinned', `${patch} has ${module.references ?? 'unknown'} references.`))
  }
  const got = await getArtefact(plan.authorisation, patch, ports, journal)
  if (!got.ok) return refusedAct(got)
  const srcversion = got.artefact.info.entries.get('srcversion') ?? null
  const differs = module.srcversion !== null && srcversion !== null && module.srcversion !== srcversion
  if (plan.authorisation.artefact === null && differs) {
    const detail = `The copy has srcversion ${srcversion}; ${module.srcversion} is loaded.`
    return refusedAct(refused('artefact_mismatch', detail.slice(0, 300)))
  }
  return removeAndInsert(got.artefact, patch, ports, journal)
}

export const removeAndInsert = async (
  artefact: Artefact,
  patch: string,
  ports: ActPorts,
  journal: ActJournal,
): Promise<Outcome> => {
  const stopped = await journal.effect({ step: 'remove', aim: null })
  if (stopped !== null) return refusedAct(stopped)
  const removed = await removeModule(ports.programs, patch)
  if (!removed.ok && (await viewModule(ports.fs, patch)) !== null) {
    return failedBy(removed.errno, `rmmod ${patch}: ${removed.detail}`)
  }
  const outcome = await insert(artefact, patch, ports, journal)
  if (outcome.state !== 'refused') return outcome
  return failed('stopped', `${patch} was removed, and not inserted again: ${outcome.detail}`)
}

/** The very bytes that were looked at go into a private copy, that copy is hashed, and that copy is inserted (T24). */
const insert = async (artefact: Artefact, patch: string, ports: ActPorts, journal: ActJournal): Promise<Outcome> => {
  const { bytes, loaded } = artefact
  const copy = await ports.moduleFiles.put(bytes)
  try {
    const sha256 = sha256Of(await copy.read())
    if (sha256 !== loaded.sha256) {
      return refusedAct(refused('artefact_mismatch', `The copy to be inserted has the hash ${sha256}.`))
    }
    await journal.artefact(loaded)
    const stopped = await journal.effect({ step: 'insert', aim: { patch, want: 'in' } })
    if (stopped !== null) return refusedAct(stopped)
    const inserted = await insertModule(ports.programs, copy.path)
    // A program that was ended may have done its work all the same.
    if (inserted.ok || (await viewPatch(ports.fs, patch)).kind === 'there') return waiting(patch, 'in')
    if (!inserted.ran) return refusedAct(refused('tool_missing', inserted.detail))
    return failedBy(inserted.errno, `insmod ${patch}: ${inserted.detail}`)
  } finally {
    await copy.remove()
  }
}
