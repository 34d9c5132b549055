import type { ActJournal } from '../acts/ports.ts'
import type { Journal } from '../journal/journal.ts'
import type { KernelNow } from './command-desk.ts'
import { refused } from './signatures.ts'

/** The part of the journal that the act of one command sees. */
export const createActJournal = (options: {
  readonly journal: Journal
  readonly id: string
  readonly isStopped: () => Promise<boolean>
  readonly isFrozen: () => boolean
  readonly kernel: () => Promise<KernelNow>
  readonly instant: () => string
  readonly signal: AbortSignal
}): ActJournal => {
  const { journal, id } = options
  return {
    async effect(effect) {
      if (await options.isStopped()) return refused('stopped', 'There is a file "stop" in the agent\'s data directory.')
      if (options.isFrozen()) return refused('frozen', 'The server has frozen all changes.')
      if (options.signal.aborted) throw new Error('the agent is stopping')
      await journal.write({ kind: 'effect', id, effect: { tasks: [], ...effect } })
      return null
    },
    artefact: (artefact) => journal.write({ kind: 'artefact', id, artefact }),
    async forced(patch, sample) {
      const { bootId } = await options.kernel()
      const forced = { bootId, patch, at: options.instant(), blocking: sample.blocking }
      await journal.write({ kind: 'forced', forced })
    },
    notForced: () => journal.write({ kind: 'forced', forced: null }),
    known(patch) {
      const { commands, loaded } = journal.state
      const open = commands.findLast((one) => one.patch === patch && one.end === null && one.artefact !== null)
      return open?.artefact ?? loaded.find((one) => one.patch === patch) ?? null
    },
    othersOpen: () => journal.state.commands.some((one) => one.id !== id && one.end === null),
    loaded: () => journal.state.loaded,
  }
}
