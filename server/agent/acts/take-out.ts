import type { Authorisation } from '@rebootless/shared/contract/command.ts'
import { refused } from '../commands/signatures.ts'
import type { Plan } from '../commands/verify-command.ts'
import { LIVEPATCH_DIRECTORY } from '../kernel/livepatch-sysfs.ts'
import { BEGINS_MS, refuseOtherTransition, stalledTransition } from './approved-transition.ts'
import { errnoAdvice } from './errno-advice.ts'
import { type Artefact, getArtefact } from './get-artefact.ts'
import { viewModule, viewPatch } from './kernel-view.ts'
import { refuseInTransition, removeAndInsert } from './load.ts'
import { type ActJournal, type ActPorts, failed, failedBy, type Outcome, refusedAct, waiting } from './ports.ts'

/** How long `retry` waits for its way back. The kernel signals all tasks after 15 s. */
const WAY_BACK_MS = 60_000
const LOOK_MS = 500

/** Writes `enabled`. What the kernel then does is told by sysfs alone. */
const writeEnabled = async (
  patch: string,
  value: '0' | '1',
  ports: ActPorts,
  journal: ActJournal,
): Promise<Outcome> => {
  const aim = { patch, want: value === '1' ? 'in' : 'out' } as const
  const stopped = await journal.effect({ step: 'write_enabled', aim })
  if (stopped !== null) return refusedAct(stopped)
  const written = await ports.fs.write(`${LIVEPATCH_DIRECTORY}/${patch}/enabled`, value)
  if (written.ok) return waiting(patch, aim.want)
  return failedBy(
    written.errno,
    `Writing ${value} to enabled of ${patch}: ${errnoAdvice('write_enabled', written.errno)}`,
  )
}

const notThere = async (patch: string, ports: ActPorts): Promise<Outcome> =>
  (await viewModule(ports.fs, patch)) === null
    ? refusedAct(refused('not_loaded', `${patch} is not loaded.`))
    : refusedAct(refused('already_disabled', `${patch} is loaded, and disabled.`))

/** `disable`. The module stays, without references, as the kernel leaves it: `enable` takes it out and puts it in anew. */
export const disable = async (patch: string, ports: ActPorts, journal: ActJournal): Promise<Outcome> => {
  const refusal = await refuseInTransition(ports)
  if (refusal !== null) return refusal
  return (await viewPatch(ports.fs, patch)).kind === 'absent'
    ? notThere(patch, ports)
    : writeEnabled(patch, '0', ports, journal)
}

/**
 * `reverse`: the running transition turns round (klp_reverse_transition). The value that is written is the way back from the
 * approved one, which the kernel refuses (EINVAL) when it is on that way by then.
 */
export const reverse = async (
  { target }: Authorisation,
  patch: string,
  ports: ActPorts,
  journal: ActJournal,
): Promise<Outcome> =>
  (await refuseOtherTransition(patch, target, ports)) ??
  (await writeEnabled(patch, target === 'patching' ? '0' : '1', ports, journal))

/** What an authorisation's `reversal` allows: out with its own patch, whether it is in or on its way. */
export const takeOut = async (patch: string, ports: ActPorts, journal: ActJournal): Promise<Outcome> => {
  let view = await viewPatch(ports.fs, patch)
  if (view.kind === 'there' && view.transition && !view.enabled) {
    await ports.clock.sleep(BEGINS_MS, ports.signal)
    view = await viewPatch(ports.fs, patch)
  }
  if (view.kind === 'absent') return notThere(patch, ports)
  if (view.kind === 'there' && view.transition) {
    return view.enabled ? writeEnabled(patch, '0', ports, journal) : waiting(patch, 'out')
  }
  return disable(patch, ports, journal)
}

/**
 * `retry`: a stalled transition goes back the way it came, and begins anew. What it needs for that is at hand before it
 * turns round.
 */
export const retry = async (plan: Plan, patch: string, ports: ActPorts, journal: ActJournal): Promise<Outcome> => {
  const stalled = await stalledTransition(patch, plan.authorisation.target, ports)
  if (!stalled.ok) return stalled.outcome
  const goesIn = stalled.sample.target === 'patching'
  let artefact: Artefact | null = null
  if (goesIn) {
    const got = await getArtefact(plan.authorisation, patch, ports, journal)
    if (!got.ok) return refusedAct(got)
    artefact = got.artefact
  }
  const turned = await writeEnabled(patch, goesIn ? '0' : '1', ports, journal)
  if (turned.state !== 'waiting') return turned
  if (!(await isBack(patch, goesIn, ports))) {
    return failed(
      'retry_stalled',
      `${patch} turned round, and has not come back within a minute: that way is blocked too.`,
    )
  }
  const outcome =
    artefact === null
      ? await writeEnabled(patch, '0', ports, journal)
      : await removeAndInsert(artefact, patch, ports, journal)
  if (outcome.state !== 'refused') return outcome
  return failed('stopped', `${patch} went back, and was not begun anew: ${outcome.detail}`)
}

const isBack = async (patch: string, out: boolean, { fs, clock, signal }: ActPorts): Promise<boolean> => {
  for (let waitedMs = 0; waitedMs < WAY_BACK_MS && !signal.aborted; waitedMs += LOOK_MS) {
    const view = await viewPatch(fs, patch)
    if (out ? view.kind === 'absent' : view.kind === 'there' && view.enabled && !view.transition) return true
    await clock.sleep(LOOK_MS, signal)
  }
  return false
}
