import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { HostText } from '../../../ui/host-text.tsx'
import { CountsBar, countsWords } from '../counts-bar.tsx'
import { PhaseMark } from '../phase-mark.tsx'
import { rolloutListQuery } from '../queries.ts'

const UNDER_WAY = ['paused', 'reversing', 'running', 'awaiting approval'] as const

/** Rollouts that go, or wait for somebody, those that wait first; nothing while there is none. */
export const RolloutsUnderWay = () => {
  const rollouts = useQuery(rolloutListQuery()).data?.items ?? []
  const shown = UNDER_WAY.flatMap((phase) => rollouts.filter((rollout) => rollout.phase === phase))
  if (shown.length === 0) return null
  return (
    <section aria-labelledby="rollouts-under-way" className="border-b border-line">
      <h2 id="rollouts-under-way" className="flex min-h-13 items-center px-6 text-13 max-desk:px-4">
        Rollouts under way
      </h2>
      <ul className="pb-2">
        {shown.map((rollout) => (
          <li
            key={rollout.id}
            className="relative grid items-center gap-x-5 gap-y-1 border-t border-line px-6 py-2.5 transition-colors hover:bg-hover max-desk:px-4 desk:grid-cols-[150px_minmax(0,1fr)_180px]"
          >
            <PhaseMark phase={rollout.phase} />
            <div className="min-w-0">
              <Link
                to="/rollouts/$id"
                params={{ id: rollout.id }}
                className="font-medium wrap-anywhere after:absolute after:inset-0"
              >
                <HostText value={rollout.name} max={120} />
              </Link>
              <p className="line-clamp-2 wrap-anywhere text-ink-2">
                <HostText value={rollout.sentence} max={400} />
              </p>
            </div>
            <div className="grid gap-1">
              <CountsBar counts={rollout.counts} />
              <p className="text-12 text-ink-3">{countsWords(rollout.counts)}</p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}
