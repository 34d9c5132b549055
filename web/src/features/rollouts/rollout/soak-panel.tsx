import type { RolloutDetail } from '@rebootless/shared/contract/rollouts-api.ts'
import type { HostStage } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import { count, fullDuration, plural } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { SoakLeft } from './soak-left.tsx'

const IN_CHANGE: readonly HostStage[] = ['told', 'changing', 'stalled', 'vanished', 'undoing']

/** How long the wave still soaks, and how many hosts may be in change at one time. */
export const SoakPanel = ({ rollout, wave }: { rollout: RolloutDetail; wave: number }) => {
  const { plan, counts, phase, asOf } = rollout
  const progress = rollout.waves[wave]
  const soak = plan.waves[wave]?.soakSeconds ?? 0
  const changing = IN_CHANGE.reduce((sum, stage) => sum + (counts[stage] ?? 0), 0)
  const { atOnce, domains } = plan.limits
  return (
    <section
      aria-labelledby="soak"
      className="border-line px-6 py-4 max-desk:border-t max-desk:px-4 desk:border-l desk:px-5"
    >
      <h2 id="soak" className="text-13">
        Soak
      </h2>
      {progress?.soakLeftSeconds == null ? (
        <p className="mt-1 text-ink-2">
          {soak === 0 ? 'None: the wave passes as soon as its gates are open.' : `${fullDuration(soak * 1000)}, `}
          {soak === 0 ? '' : progress?.stage === 'done' ? 'over.' : 'once all its hosts have settled.'}
        </p>
      ) : (
        <>
          <p className="mt-1">
            <strong className="text-28 font-semibold tracking-tight">
              <SoakLeft seconds={progress.soakLeftSeconds} asOf={asOf} counts={phase === 'running'} />
            </strong>{' '}
            <span className="ml-1 text-ink-3">left of {fullDuration(soak * 1000)}</span>
          </p>
          {phase === 'running' ? null : (
            <p className="text-12 text-ink-3">The clock stands while nobody is told anything.</p>
          )}
        </>
      )}
      <h2 className="mt-5 text-13">In change at once</h2>
      <p className="mt-1 text-ink-2">
        <b className="font-semibold text-ink">{count(changing)}</b>
        {atOnce === null ? ' now; no limit for all' : ` of at most ${plural(atOnce, 'host')}`}
      </p>
      {domains.length === 0 ? null : (
        <ul className="mt-1 text-12 text-ink-3">
          {domains.map(({ label, atMost }) => (
            <li key={label}>
              at most {count(atMost)} of each <HostText value={label} max={64} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
