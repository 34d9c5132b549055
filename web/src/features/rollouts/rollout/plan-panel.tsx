import type { RolloutDetail } from '@rebootless/shared/contract/rollouts-api.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { TimeAgo } from '../../../ui/time-ago.tsx'
import { ChangeName } from './change-name.tsx'
import { planLines } from './plan-words.ts'

/** The plan in words. Nobody changes it once it has begun. */
export const PlanPanel = ({ rollout }: { rollout: RolloutDetail }) => (
  <section aria-labelledby="plan" className="px-6 py-4 max-desk:px-4">
    <h2 id="plan" className="text-14">
      The plan
    </h2>
    <p className="mt-0.5 text-ink-3">
      Made by <HostText value={rollout.createdBy} max={64} /> <TimeAgo at={rollout.createdAt} suffix=" ago" full />.
      Nobody can change it any more: a change is a rollout of its own.
    </p>
    <dl className="mt-3 divide-y divide-line border-y border-line">
      {planLines(rollout.plan).map(({ what, lines }) => (
        <div key={what} className="grid gap-x-4 py-2 desk:grid-cols-[170px_minmax(0,1fr)]">
          <dt className="text-12 leading-5 text-ink-3">{what}</dt>
          <dd className="min-w-0 wrap-anywhere">
            {lines.map((line, index) => (
              <span key={line} className="block">
                {what === 'Change' && index === 0 ? (
                  <ChangeName change={rollout.plan.change} />
                ) : (
                  <HostText value={line} max={1500} />
                )}
              </span>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  </section>
)
