import type { DoubtOfHost } from '../../contract/exposure.ts'
import type { Snapshot } from '../../contract/snapshot.ts'
import type { TransitionSample } from '../../contract/transition.ts'
import type { HostAccount } from '../host-account.ts'
import { unredirectedFunctions } from '../host-state.ts'
import { isChanging, knowsKernelPatches, mayWork, providerTitle } from '../provider-facts.ts'
import { cut, listed } from '../sentence.ts'

/** How the agent is heard: `offline` and `stale` as host-state.ts has them; null: it is. */
export type Contact = 'offline' | 'stale' | null

export interface HostToDoubt {
  readonly snapshot: Snapshot
  readonly account: HostAccount
  /** The newest sample of a running transition; null: none runs. */
  readonly transition: TransitionSample | null
  readonly contact: Contact
}

const SENTENCE_CHARACTERS_MAX = 300

/**
 * What lowers the certainty of every verdict over a host. No sentence has a duration or a count of tasks in it: they would change
 * with time alone.
 */
export const doubtsOf = (host: HostToDoubt): DoubtOfHost[] =>
  [silence(host), forced(host), drifted(host), inTransition(host), disagreement(host), unread(host)]
    .filter((found) => found !== null)
    .map(({ doubt, why }) => ({ doubt, why: cut(why, SENTENCE_CHARACTERS_MAX) }))

type Found = DoubtOfHost | null

const silence = ({ contact }: HostToDoubt): Found => {
  if (contact === 'offline')
    return {
      doubt: 'offline',
      why: 'The agent is not connected: this is what it read last, and it may have changed since.',
    }
  if (contact === 'stale')
    return { doubt: 'stale', why: 'The agent is silent: this is what it read last, and it may have changed since.' }
  return null
}

const forced = ({ snapshot }: HostToDoubt): Found => {
  const names = snapshot.memory.filter(({ forcedAt }) => forcedAt !== null).map(({ name }) => name)
  const logged = snapshot.kernelEvents?.some(({ kind }) => kind === 'forced') === true
  if (names.length === 0 && !logged) return null
  const what = names.length === 0 ? 'A livepatch' : listed(names.sort())
  return {
    doubt: 'forced',
    why: `${what} was forced since the last boot, so a task may still run the code without the fix.`,
  }
}

/** A patch that was in effect and was taken out without another in its place, or functions that ftrace does not redirect. */
const drifted = ({ snapshot, account, transition }: HostToDoubt): Found => {
  const disabled = account.statuses
    .filter(({ state, completedAt, disabledAt }) => state === 'disabled' && completedAt !== null && disabledAt !== null)
    .map(({ name }) => name)
  if (disabled.length > 0)
    return {
      doubt: 'drifted',
      why: `${listed(disabled)} ${disabled.length === 1 ? 'was' : 'were'} in effect and then disabled, so what ${disabled.length === 1 ? 'it' : 'they'} fixed is open again unless another patch has it.`,
    }
  const missing = unredirectedFunctions(snapshot, account.statuses, transition)
  if (missing.length === 0) return null
  return {
    doubt: 'drifted',
    why: `sysfs says that ${listed(missing)} ${missing.length === 1 ? 'is' : 'are'} patched, but ftrace does not redirect ${missing.length === 1 ? 'it' : 'them'}.`,
  }
}

const inTransition = ({ account }: HostToDoubt): Found => {
  const changing = account.statuses.filter(({ state }) => isChanging(state)).map(({ name }) => name)
  if (changing.length === 0) return null
  const verb = changing.length === 1 ? 'is' : 'are'
  return {
    doubt: 'in_transition',
    why: `${listed(changing)} ${verb} in transition and ${changing.length === 1 ? 'counts' : 'count'} only once it has ended.`,
  }
}

const disagreement = ({ account }: HostToDoubt): Found => {
  const [first] = account.disagreements
  return first === undefined ? null : { doubt: 'disagreement', why: `${first.says} ${first.sysfsSays}` }
}

const unread = ({ snapshot, account }: HostToDoubt): Found => {
  const { livepatches, kernel } = snapshot
  // The kernel's own livepatch has no tool: its files are all there is.
  const tools = account.providers.filter(({ name }) => name !== 'livepatch')
  const silent = tools.filter((report) => mayWork(report) && !knowsKernelPatches(report))
  const missing = [
    ...(livepatches === null && kernel.livepatchConfigured !== false ? ['/sys/kernel/livepatch'] : []),
    ...silent.map(({ name }) => `the patches of ${providerTitle(name)}`),
    ...(snapshot.distribution?.installedKernels ? [] : ['the kernels on disk']),
  ]
  if (missing.length === 0) return null
  return {
    doubt: 'unread',
    why: `The agent could not read ${listed(missing)}, so fixes may be there that are not seen.`,
  }
}
