import { refused } from '../commands/signatures.ts'
import type { Plan } from '../commands/verify-command.ts'
import { force, signalTasks } from './blocking.ts'
import { enable, load } from './load.ts'
import { type ActJournal, type ActPorts, done, type Outcome, refusedAct } from './ports.ts'
import { disable, retry, reverse, takeOut } from './take-out.ts'
import { update } from './update.ts'

/** Does what was verified, once, up to the moment when the kernel has accepted it. One at a time. */
export const perform = async (plan: Plan, ports: ActPorts, journal: ActJournal): Promise<Outcome> => {
  const { action, authorisation, reversal } = plan
  if (action === 'refresh') {
    ports.refresh()
    return done('The host is read anew.')
  }
  if (action === 'update') return update(plan, ports, journal)
  const { patch } = authorisation
  if (patch === null) return refusedAct(refused('incomplete', 'No livepatch is named.'))
  if (reversal) return takeOut(patch, ports, journal)
  switch (action) {
    case 'load':
      return load(plan, patch, ports, journal)
    case 'enable':
      return enable(plan, patch, ports, journal)
    case 'disable':
      return disable(patch, ports, journal)
    case 'reverse':
      return reverse(authorisation, patch, ports, journal)
    case 'retry':
      return retry(plan, patch, ports, journal)
    case 'signal':
      return signalTasks(authorisation, patch, ports, journal)
    case 'force':
      return force(authorisation, patch, ports, journal)
  }
}
