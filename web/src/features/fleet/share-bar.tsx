import type { FleetSummary } from '@rebootless/shared/contract/fleet.ts'
import { HOST_STATE_WORDS } from '@rebootless/shared/domain/state-words.ts'
import { HOST_STATES, type HostState } from '@rebootless/shared/domain/words.ts'
import { count } from '../../ui/duration.ts'

const FILL: Readonly<Record<HostState, string>> = {
  patched: 'bg-new-fill',
  patching: 'bg-new-mid',
  unpatching: 'bg-old-mid',
  stalled: 'bg-old-fill',
  exposed: 'bg-old-fill',
  drifted: 'bg-old-mid',
  forced: 'bg-danger-fill',
  failed: 'bg-danger-fill',
  stale: 'bg-none-fill',
  offline: 'bg-none-fill',
  unsupported: 'bg-none-cell',
}
/** Calm first, as one reads a bar that fills from the left. */
const ORDER = [...HOST_STATES].sort((left, right) => rank(left) - rank(right))
function rank(state: HostState): number {
  return state === 'patched' ? -3 : state === 'patching' ? -2 : state === 'unpatching' ? -1 : HOST_STATES.indexOf(state)
}

/** The fleet to scale, no state thinner than 3 px. The numbers above say the same in words. */
export const ShareBar = ({ summary }: { summary: FleetSummary }) => {
  const shown = ORDER.map((state) => ({ state, hosts: summary.byState[state] ?? 0 })).filter(({ hosts }) => hosts > 0)
  const words = shown.map(({ state, hosts }) => `${count(hosts)} ${HOST_STATE_WORDS[state].word.toLowerCase()}`)
  return (
    <div role="img" aria-label={`Of ${count(summary.total)} hosts: ${words.join(', ')}`} className="flex h-1 gap-px">
      {shown.map(({ state, hosts }) => (
        <i
          key={state}
          title={`${count(hosts)} ${HOST_STATE_WORDS[state].word.toLowerCase()}`}
          className={`min-w-[3px] basis-0 transition-[flex-grow] duration-(--motion-calm) ${FILL[state]}`}
          style={{ flexGrow: hosts }}
        />
      ))}
    </div>
  )
}
