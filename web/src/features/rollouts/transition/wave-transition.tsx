import type { WaveTransition as Transition } from '@rebootless/shared/contract/rollout-transition.ts'
import { useQuery } from '@tanstack/react-query'
import { ChartLine, Table2 } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { Refusal } from '../../../shell/refusal.tsx'
import { Button } from '../../../ui/button.tsx'
import { HostText } from '../../../ui/host-text.tsx'
import { Segmented } from '../../../ui/segmented.tsx'
import { rolloutTransitionQuery } from '../queries.ts'
import { BlockingGroups } from './blocking-groups.tsx'
import { PointTable } from './point-table.tsx'
import type { TransitionView } from './transition-view.ts'
import { WaveFigures } from './wave-figures.tsx'

const WaveCurve = lazy(() => import('./wave-curve.tsx'))

/** The transitions of all hosts of a wave as one. @param wave from 0; null: of all waves */
export const WaveTransition = ({
  rolloutId,
  wave,
  onChange,
  ...shown
}: TransitionView & { rolloutId: string; wave: number | null; onChange: (next: TransitionView) => void }) => {
  const found = useQuery(rolloutTransitionQuery(rolloutId, wave))
  const transition = found.data
  return (
    <section aria-labelledby="wave-transition" className="border-t border-line">
      {transition === undefined ? (
        <div className="px-6 py-4 max-desk:px-4">
          <h2 id="wave-transition" className="text-13">
            {titleOf(wave)}
          </h2>
          {found.isError ? (
            <div className="mt-2 grid justify-items-start gap-2">
              <Refusal error={found.error} lead="The transitions could not be read." />
              <Button onClick={() => void found.refetch()}>Try again</Button>
            </div>
          ) : (
            <div aria-busy="true" className="mt-3 h-64 animate-shimmer rounded-mark bg-sunken" />
          )}
        </div>
      ) : transition.points.length === 0 && transition.hosts.inTransition === 0 ? (
        <div className="px-6 py-4 max-desk:px-4">
          <h2 id="wave-transition" className="text-13">
            {titleOf(wave)}
          </h2>
          <p className="mt-1 max-w-[72ch] text-ink-3">
            None was seen. The curve begins within a second after the first host’s transition does; what systems put in
            without livepatch has none.
          </p>
        </div>
      ) : (
        <Seen transition={transition} wave={wave} onChange={onChange} {...shown} />
      )}
    </section>
  )
}

const titleOf = (wave: number | null) =>
  wave === null ? 'Transitions of all waves' : `Transitions of wave ${wave + 1}`

const Seen = ({
  transition,
  wave,
  view = 'picture',
  scale = 'log',
  cause,
  onChange,
}: TransitionView & { transition: Transition; wave: number | null; onChange: (next: TransitionView) => void }) => {
  return (
    <>
      <div className="grid desk:grid-cols-[minmax(0,1fr)_264px]">
        <div className="min-w-0">
          <div className="flex min-h-13 flex-wrap items-center gap-x-2 gap-y-1 px-6 py-2 max-desk:px-4">
            <h2 id="wave-transition" className="text-13">
              {titleOf(wave)}
            </h2>
            <span className="min-w-0 text-12 text-ink-3">
              tasks still on {transition.target === 'patching' ? 'old' : 'new'} code
            </span>
            <span className="ml-auto flex gap-2">
              {view === 'picture' ? (
                <Segmented
                  label="Scale of tasks"
                  value={scale}
                  onChange={(next) => onChange({ scale: next })}
                  segments={[
                    { value: 'log', label: 'Log' },
                    { value: 'linear', label: 'Linear' },
                  ]}
                />
              ) : null}
              <Segmented
                label="Show transitions as"
                value={view}
                onChange={(next) => onChange({ view: next })}
                iconsOnly
                segments={[
                  { value: 'picture', label: 'Curve', icon: <ChartLine size={14} aria-hidden /> },
                  { value: 'table', label: 'Table', icon: <Table2 size={14} aria-hidden /> },
                ]}
              />
            </span>
          </div>
          <div className="px-3 pb-3">
            {view === 'table' ? (
              <PointTable points={transition.points} />
            ) : (
              <Suspense
                fallback={<div aria-busy="true" className="mx-3 h-64 animate-shimmer rounded-mark bg-sunken" />}
              >
                <div role="img" aria-label={`Curve of tasks still to switch. ${transition.sentence}`}>
                  <WaveCurve transition={transition} scale={scale} />
                </div>
              </Suspense>
            )}
            <p className="px-3 pt-1 text-12 text-ink-3">
              <HostText value={transition.estimate.condition} max={600} />
            </p>
          </div>
        </div>
        <WaveFigures transition={transition} />
      </div>
      <BlockingGroups transition={transition} cause={cause} onOpen={(next) => onChange({ cause: next })} />
    </>
  )
}
