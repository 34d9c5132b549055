import { refused } from '../commands/signatures.ts'
import type { Plan } from '../commands/verify-command.ts'
import { LIVEPATCH_DIRECTORY } from '../kernel/livepatch-sysfs.ts'
import { isAbsent } from '../kernel/reading.ts'
import { openRelease } from '../update/open-release.ts'
import { sha256Of } from './get-artefact.ts'
import { refuseInTransition } from './load.ts'
import { type ActJournal, type ActPorts, failed, type Outcome, refusedAct } from './ports.ts'

/**
 * `update` of the agent itself: only by the makers whom root on this host has named, whoever else has signed (threat-model
 * T34), and never while anything else is under way. It ends this run; what became of it, the next one says.
 */
export const updateAgent = async (
  { command, authorisation, makersKey }: Pick<Plan, 'command' | 'authorisation' | 'makersKey'>,
  ports: ActPorts,
  journal: ActJournal,
): Promise<Outcome> => {
  const { artefact } = authorisation
  const { selfUpdate } = ports
  if (makersKey === null) return refusedAct(refused('action_barred', 'agent.json names no makersKey.'))
  if (selfUpdate === undefined) return refusedAct(refused('not_a_service', 'This agent is part of another program.'))
  if (artefact === null) return refusedAct(refused('incomplete', 'No release is named.'))
  const busy = await refuseBusy(ports, journal)
  if (busy !== null) return busy
  let bytes: Uint8Array
  try {
    bytes = await ports.fetchArtefact(artefact.sha256, artefact.size)
  } catch (error) {
    return refusedAct(refused('artefact_unavailable', String(error).slice(0, 500)))
  }
  if (bytes.length !== artefact.size || sha256Of(bytes) !== artefact.sha256) {
    return refusedAct(refused('artefact_mismatch', `${bytes.length} bytes came, with the hash ${sha256Of(bytes)}.`))
  }
  const opened = openRelease(bytes, makersKey)
  if (!opened.ok) return refusedAct(opened)
  const unfit = await selfUpdate.prepare(opened.release, opened.agent, command.id)
  if (unfit !== null) return refusedAct(unfit)
  const begun = await refuseBusy(ports, journal)
  if (begun !== null) return begun
  const stopped = await journal.effect({ step: 'agent', aim: null })
  if (stopped !== null) return refusedAct(stopped)
  selfUpdate.begin()
  return failed('interrupted', 'The agent was ended.')
}

/** A kernel without livepatch has no transition; one that does not say may have. */
const refuseBusy = async (ports: ActPorts, journal: ActJournal): Promise<Outcome | null> => {
  if (journal.othersOpen()) return refusedAct(refused('not_idle', 'What was begun before has not ended.'))
  if (ports.sample() !== null) return refusedAct(refused('transition_running', 'A transition runs.'))
  const listing = await ports.fs.list(LIVEPATCH_DIRECTORY)
  return !listing.ok && isAbsent(listing) ? null : refuseInTransition(ports)
}
