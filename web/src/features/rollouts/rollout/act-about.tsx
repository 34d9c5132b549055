import type { RolloutDetail } from '@rebootless/shared/contract/rollouts-api.ts'
import { listed } from '@rebootless/shared/domain/sentence.ts'
import type { ReactNode } from 'react'
import { plural } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { countsWords } from '../counts-bar.tsx'
import { type ChosenAct, goingHosts } from './rollout-acts.ts'

/** What an act does to this rollout as it stands now, and whom it asks. */
export const ActAbout = ({ act, rollout }: { act: ChosenAct; rollout: RolloutDetail }): ReactNode => {
  const { plan, counts, waves } = rollout
  switch (act.kind) {
    case 'start':
      return (
        <p>
          {plural(goingHosts(rollout), 'host')} in {plural(waves.length, 'wave')}, the first “
          <HostText value={waves[0]?.name ?? ''} max={60} />
          ”. Where hosts of class production are among them, it waits until approvers have signed its texts. The plan
          stays as it is from now on.
        </p>
      )
    case 'pause':
      return <p>No further host is told. Transitions that run go on, and end as they will.</p>
    case 'resume':
      return (
        <p>
          It goes on where it stands. What has failed or stalled until now stops it no more: leave such hosts out first
          if they are not to be waited for.
        </p>
      )
    case 'promote':
      return (
        <p>
          The wave passes, past the rest of its soak and past gates that are shut. That the change is still in effect on
          its hosts is looked at again first.
        </p>
      )
    case 'abort':
      return (
        <p>
          It ends for good where it stands, and nothing is undone: {countsWords(counts)}. Hosts that wait are never
          told; a transition that runs goes on by itself.
        </p>
      )
    case 'reverse':
      return (
        <p>
          What this rollout has put there is taken back, in the reverse order, under the same limits, at any hour.{' '}
          {plan.change.kind === 'load'
            ? 'What the patch fixed is open again there. Undoing was approved with the rollout: nobody has to sign anew.'
            : 'Undoing was approved with the rollout: nobody has to sign anew.'}
        </p>
      )
    case 'exclude':
      return (
        <p>
          <HostText value={listed(act.hosts.map(({ name }) => name))} max={300} />{' '}
          {act.hosts.length === 1 ? 'takes' : 'take'} no part any more. Nothing is undone there: what is in stays in,
          and a host in change settles first.
        </p>
      )
    case 'approve gate':
      return (
        <p>
          You let wave {act.wave + 1}, “
          <HostText value={waves[act.wave]?.name ?? ''} max={60} />
          ”, pass this gate. Its other gates are asked all the same.
        </p>
      )
  }
}
