import type { Clock } from '../clock.ts'
import type { Aim, JournalCommand } from '../journal/journal-state.ts'
import type { KernelFs } from '../kernel/kernel-fs.ts'
import { releaseTasks } from './blocking.ts'
import { judge, SETTLES_MS } from './follow.ts'
import { type PatchView, viewPatch } from './kernel-view.ts'
import { failed, type Outcome, type SelfUpdate } from './ports.ts'

/**
 * What became of a command that an earlier run of the agent left open. The kernel is looked at, and nothing is done again
 * (threat-model T38): whether an effect that was about to be came about, sysfs says.
 */
export const recover = async (
  command: JournalCommand,
  now: {
    readonly fs: KernelFs
    readonly clock: Clock
    readonly signal: AbortSignal
    readonly bootId: string | null
    readonly wasForced: (patch: string) => boolean | null
    readonly selfUpdate?: SelfUpdate | undefined
  },
): Promise<Outcome> => {
  const last = command.effects.at(-1)
  if (last === undefined) {
    return failed('interrupted', 'The agent was ended before it did anything. Nothing was changed; ask for it again.')
  }
  if (last.step === 'agent') {
    return now.selfUpdate?.outcome(command.id) ?? unknown('This agent does not know what became of it.')
  }
  if (command.bootId === null || now.bootId === null) return unknown('Which boot this is could not be read.')
  if (command.bootId !== now.bootId) {
    return failed(
      'restarted',
      'The host was restarted in the middle of it. What is in now is what its own services put in.',
    )
  }
  const steps = command.effects.map(({ step }) => step).join(', ')
  if (last.step === 'tool')
    return unknown('The agent was ended while the tool ran: see what it says of its patches now.')
  if (last.step === 'signal') {
    await releaseTasks(last.tasks, now.fs)
    return unknown(
      'The agent was ended between two signals; whoever was stopped goes on. Signalling again does no harm.',
    )
  }
  if (last.aim === null) return failed('interrupted', `The agent was ended in the middle of it, at: ${steps}.`)
  let view = await viewPatch(now.fs, last.aim.patch)
  if (last.step === 'write_enabled' && isOtherWay(last.aim, view)) {
    // It may only just have been written.
    await now.clock.sleep(SETTLES_MS, now.signal)
    view = await viewPatch(now.fs, last.aim.patch)
    if (isOtherWay(last.aim, view)) {
      return failed(
        'interrupted',
        `The agent was ended before it turned ${last.aim.patch} round, which is still in transition.`,
      )
    }
  }
  if (command.action === 'retry' && isWayBack(command)) {
    return failed(
      'interrupted',
      `The agent was ended when ${last.aim.patch} had been turned round: it goes back the way it came, and is not begun anew. Ask for it again.`,
    )
  }
  if (view.kind === 'unknown') return unknown(`The state of ${last.aim.patch} could not be read (${view.errno}).`)
  const outcome = judge(last.aim, view)
  if (last.step === 'force') return recoverForce(last.aim.patch, outcome, now.wasForced(last.aim.patch))
  if (outcome === null) return { state: 'waiting', aim: last.aim }
  if (outcome.state === 'done') return outcome
  return failed(
    'interrupted',
    `The agent was ended in the middle of it, at: ${steps}. ${'detail' in outcome ? outcome.detail : ''}`,
  )
}

const isOtherWay = ({ want }: Aim, view: PatchView): boolean =>
  view.kind === 'there' && view.transition && view.enabled !== (want === 'in')

/** Of `retry`: nothing has been begun but the way back, which leads away from what is wanted. */
const isWayBack = ({ effects }: JournalCommand): boolean => effects.filter(({ aim }) => aim !== null).length === 1

const unknown = (detail: string): Outcome => ({ state: 'unknown', code: 'interrupted', detail })

/** Sysfs does not say that a patch was forced; the kernel's log does, as long as it holds the record. */
const recoverForce = (patch: string, outcome: Outcome | null, wasForced: boolean | null): Outcome => {
  if (wasForced === true && outcome?.state === 'done') return outcome
  if (wasForced === false && outcome === null) {
    return failed('interrupted', `The agent was ended before it forced ${patch}, which is still in transition.`)
  }
  return unknown(
    `The agent was ended when it was about to force ${patch}. The host counts as forced until it is restarted.`,
  )
}
