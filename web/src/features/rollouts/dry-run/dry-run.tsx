import type { DryRun as Shown } from '@rebootless/shared/contract/dry-run.ts'
import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import { FlaskConical } from 'lucide-react'
import { lazy, Suspense, useId } from 'react'
import { Refusal } from '../../../shell/refusal.tsx'
import { Button } from '../../../ui/button.tsx'
import { percent, plural } from '../../../ui/duration.ts'
import { Placeholder } from '../../../ui/notice.tsx'
import { useDryRun } from './use-dry-run.ts'

const DryRunResult = lazy(() => import('./dry-run-result.tsx').then((module) => ({ default: module.DryRunResult })))

/**
 * A plan is run through on simulated machines: how long it would take, and who would stall. It fits a column of 320 px and a page.
 * @param id of the rollout, or of the one to be: who goes when hangs on it
 * @param missing what lacks of the plan, in a sentence; null: nothing
 */
export const DryRun = ({ plan, id, missing = null }: { plan: RolloutPlan; id: string; missing?: string | null }) => {
  const title = useId()
  const { asked, shown, isRunning, error, start, cancel } = useDryRun()
  const result = shown?.result ?? null
  const isOld = asked !== null && (asked.id !== id || (asked.plan !== plan && !isSame(asked.plan, plan)))
  const label = result === null ? 'Run it on the simulator' : isOld ? 'Run it as it is now' : 'Run it again'
  return (
    <section aria-labelledby={title} aria-busy={isRunning} className="@container border-t border-line">
      <div className="px-6 py-4 max-desk:px-4">
        <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
          <div className="min-w-0 max-w-[64ch]">
            <h2 id={title} className="text-14">
              Dry run
            </h2>
            <p className="mt-0.5 text-pretty text-ink-3">
              Runs this plan through on simulated machines like these hosts: how long it would take, and which hosts
              would stall. No host is told anything.
            </p>
          </div>
          {isRunning ? (
            <Button onClick={cancel}>Stop it</Button>
          ) : (
            <Button disabled={missing !== null} onClick={() => start({ plan, id })}>
              <FlaskConical size={14} aria-hidden />
              {label}
            </Button>
          )}
        </div>
        {missing === null ? null : <p className="mt-1 text-12 text-ink-3">{missing}</p>}
        {error === null ? null : (
          <div className="mt-3">
            <Refusal error={error} lead="No dry run." />
          </div>
        )}
        <div role="status">
          {isRunning ? <Progress shown={shown} /> : null}
          {shown?.state === 'cancelled' && !isRunning ? (
            <p className="mt-3 text-ink-3">It was stopped, and came to nothing.</p>
          ) : null}
          {isOld && result !== null && !isRunning ? (
            <p className="mt-3 rounded-control bg-sunken px-3 py-2 text-ink-2">
              The plan has changed since: what stands below is of the plan as it was.
            </p>
          ) : null}
        </div>
        {shown?.state === 'failed' ? (
          <div className="mt-3">
            <Refusal error={new Error(shown.why ?? 'It failed.')} lead="The dry run failed." />
          </div>
        ) : null}
      </div>
      {result === null || isRunning ? null : (
        <Suspense fallback={<ResultLoading />}>
          <div className={isOld ? 'opacity-60' : ''}>
            <DryRunResult
              result={result}
              again={
                <Button
                  className="mt-2"
                  disabled={missing !== null}
                  onClick={() => start({ plan, id, seed: result.seed })}
                >
                  With this seed again
                </Button>
              }
            />
          </div>
        </Suspense>
      )}
    </section>
  )
}

const isSame = (one: RolloutPlan, other: RolloutPlan): boolean => JSON.stringify(one) === JSON.stringify(other)

const STAGES = {
  'reading hosts': 'Reading what is known of its hosts',
  'simulating kernels': 'Simulating kernels like theirs',
  'running the rollout': 'Running the rollout through, again and again',
} as const

const Progress = ({ shown }: { shown: Shown | undefined }) => {
  const stage = shown?.stage ?? null
  const progress = shown?.progress ?? 0
  const text =
    stage !== null
      ? STAGES[stage]
      : shown !== undefined && shown.before > 0
        ? `It waits for ${plural(shown.before, 'dry run')} of others`
        : 'It begins'
  return (
    <div className="mt-3">
      <div aria-hidden className="h-1.5 overflow-hidden rounded-[1.5px] bg-sunken">
        <i
          className="block h-full bg-ink-3 transition-[width] duration-(--motion-calm)"
          style={{ width: `${Math.round(progress * 100)}%` }}
        />
      </div>
      <p className="mt-1.5 text-12 text-ink-3">
        {text}
        {stage === null ? '…' : `: ${percent(progress)}`}
      </p>
    </div>
  )
}

const ResultLoading = () => (
  <div aria-hidden className="grid gap-3 px-6 pb-5 max-desk:px-4">
    <Placeholder className="w-64" />
    <Placeholder className="w-52" />
  </div>
)
