import type { RolloutPhase } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import type { HostState } from '@rebootless/shared/domain/words.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { lazy, memo, Suspense, useCallback, useEffect, useMemo, useState } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { sessionQuery } from '../features/access/queries.ts'
import { rolloutHostsQuery, rolloutQuery } from '../features/rollouts/queries.ts'
import { ActDialog } from '../features/rollouts/rollout/act-dialog.tsx'
import { GatesPanel } from '../features/rollouts/rollout/gates-panel.tsx'
import { HostDialog } from '../features/rollouts/rollout/host-dialog.tsx'
import { HostsPanel } from '../features/rollouts/rollout/hosts-panel.tsx'
import { PlanPanel } from '../features/rollouts/rollout/plan-panel.tsx'
import type { ChosenAct } from '../features/rollouts/rollout/rollout-acts.ts'
import { RolloutHead } from '../features/rollouts/rollout/rollout-head.tsx'
import { chosenHosts } from '../features/rollouts/rollout/rollout-hosts.ts'
import { RolloutLoading } from '../features/rollouts/rollout/rollout-loading.tsx'
import { RolloutTabs } from '../features/rollouts/rollout/rollout-tabs.tsx'
import { SentenceBand } from '../features/rollouts/rollout/sentence-band.tsx'
import { SoakPanel } from '../features/rollouts/rollout/soak-panel.tsx'
import { TimeLine } from '../features/rollouts/rollout/time-line.tsx'
import { WaveTrack } from '../features/rollouts/rollout/wave-track.tsx'
import { PHASE_WORDS } from '../features/rollouts/stage-words.ts'
import { WaveTransition } from '../features/rollouts/transition/wave-transition.tsx'
import { announce } from '../live/announcer.ts'
import { Crumb } from '../shell/crumb.tsx'
import { useKeys } from '../shell/keys.ts'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { Refusal } from '../shell/refusal.tsx'
import { Button, buttonClass } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { HostText, visibleText } from '../ui/host-text.tsx'
import { Notice } from '../ui/notice.tsx'
import { StateGlyph } from '../ui/state-glyph.tsx'
import type { RolloutSearch } from './rollout-search.ts'

const PlanTab = lazy(() =>
  import('../features/rollouts/plan/plan-tab.tsx').then((module) => ({ default: module.PlanTab })),
)
const DryRun = lazy(() =>
  import('../features/rollouts/dry-run/dry-run.tsx').then((module) => ({ default: module.DryRun })),
)
const ExposureChange = lazy(() =>
  import('../features/rollouts/exposure/exposure-change.tsx').then((module) => ({ default: module.ExposureChange })),
)
const RolloutApprovals = lazy(() => import('./rollout-approvals.tsx'))

const route = getRouteApi('/signed-in/rollouts/$id')

/** Each asks for its own data: what changes beside them is no reason to draw a chart or a long log anew. */
const Transition = memo(WaveTransition)
const Decisions = memo(TimeLine)

/** Phases in which somebody should look at this rollout before he looks at the fleet. */
const URGENT: Partial<Record<RolloutPhase, HostState>> = {
  paused: 'stalled',
  reversing: 'unpatching',
  'reversed in part': 'failed',
}

/** One rollout: why it stands where it stands, what can be done, and every host of it as it goes on. */
export const RolloutPage = () => {
  const { id } = route.useParams()
  const search = route.useSearch()
  const { tab = 'overview' } = search
  const navigate = useNavigate({ from: '/rollouts/$id' })
  const found = useQuery(rolloutQuery(id))
  const hosts = useQuery(rolloutHostsQuery(id))
  const session = useQuery(sessionQuery).data
  const [act, setAct] = useState<ChosenAct | null>(null)
  const { data: rollout, error } = found
  const isMissing = error instanceof ApiProblem && ['rollout_not_found', 'query_invalid'].includes(error.code)
  const phase = rollout?.phase
  const name = rollout ? visibleText(rollout.name, 80) : 'Rollout'
  const urgent = phase === undefined ? undefined : URGENT[phase]
  usePageTitle(
    name,
    phase === undefined || urgent === undefined ? null : { word: PHASE_WORDS[phase].word, state: urgent },
  )
  useSpokenPhase(rollout)
  // The same at each drawing, for what is drawn anew only when something of its own changed.
  const change = useCallback(
    (next: { [Key in keyof RolloutSearch]: RolloutSearch[Key] | undefined }) =>
      void navigate({
        search: (before) =>
          Object.fromEntries(Object.entries({ ...before, ...next }).filter(([, value]) => value !== undefined)),
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  )
  useKeys(useMemo(() => ({ m: () => change({ tab: tab === 'hosts' ? 'overview' : 'hosts' }) }), [tab, change]))
  const refused =
    session?.role === 'viewer' ? 'Viewers change nothing: an operator, an approver or an admin can.' : null
  const refusalOf = (kind: ChosenAct['kind']): string | null =>
    refused ?? rollout?.acts.find((offer) => offer.kind === kind)?.refusal ?? null
  const looked = search.host
  const host = useMemo(
    () =>
      looked === undefined || !hosts.data ? undefined : chosenHosts(hosts.data, {}).find((one) => one.id === looked),
    [hosts.data, looked],
  )
  // Of one that is done the last wave; what was undone began with the first.
  const going = rollout?.wave?.number ?? (rollout?.phase === 'done' ? rollout.waveCount : 1)
  const wave = Math.min(search.wave ?? going, rollout?.waveCount ?? going) - 1
  return (
    <>
      <PageHeader
        updatedAt={found.dataUpdatedAt}
        crumbs={<Crumb to="/rollouts">Rollouts</Crumb>}
        title={
          rollout ? (
            <HostText value={rollout.name} max={80} />
          ) : (
            <span className="text-ink-3">{isMissing ? 'None' : '…'}</span>
          )
        }
        actions={
          rollout ? (
            <span className="max-desk:hidden">
              <CopyButton text={() => window.location.href} label="Copy link" />
            </span>
          ) : null
        }
      />
      {rollout ? (
        <>
          <RolloutHead rollout={rollout} refusalOf={refusalOf} onAct={setAct} />
          <SentenceBand rollout={rollout} hosts={hosts.data} excludeRefusal={refusalOf('exclude')} onAct={setAct} />
          <RolloutTabs id={id} tab={tab} counts={hosts.data ? { hosts: hosts.data.total } : {}} />
          {hosts.isError && !hosts.data ? (
            <div className="flex flex-wrap items-start gap-3 px-6 pt-4 max-desk:px-4">
              <Refusal error={hosts.error} lead="Its hosts could not be read; all else here holds." />
              <Button onClick={() => void hosts.refetch()}>Try again</Button>
            </div>
          ) : null}
          {tab === 'overview' ? (
            <>
              <WaveTrack rollout={rollout} hosts={hosts.data} isLost={hosts.isError} chosen={wave} />
              <div className="grid wide:grid-cols-[minmax(0,1fr)_400px]">
                <div className="grid content-start desk:grid-cols-[minmax(0,1fr)_264px]">
                  <GatesPanel
                    rollout={rollout}
                    wave={wave}
                    username={session?.username ?? ''}
                    refused={refused}
                    onAct={setAct}
                  />
                  <SoakPanel rollout={rollout} wave={wave} />
                  <div className="min-w-0 desk:col-span-2">
                    {rollout.phase === 'draft' ? (
                      <Suspense>
                        <DryRun plan={rollout.plan} id={id} />
                      </Suspense>
                    ) : (
                      <Transition
                        rolloutId={id}
                        wave={wave}
                        view={search.view}
                        scale={search.scale}
                        cause={search.cause}
                        onChange={change}
                      />
                    )}
                    <Suspense>
                      <ExposureChange id={id} />
                    </Suspense>
                  </div>
                </div>
                <Decisions id={id} />
              </div>
            </>
          ) : tab === 'hosts' ? (
            hosts.isError && !hosts.data ? null : (
              <HostsPanel
                rollout={rollout}
                hosts={hosts.data}
                wave={search.wave === undefined ? undefined : search.wave - 1}
                stage={search.stage}
                excludeRefusal={refusalOf('exclude')}
                onChoose={(next) =>
                  change({ wave: next.wave === undefined ? undefined : next.wave + 1, stage: next.stage })
                }
                onAct={setAct}
              />
            )
          ) : tab === 'plan' ? (
            <>
              <PlanPanel rollout={rollout} />
              <Suspense>
                <PlanTab id={id} plan={rollout.plan} refused={refused} />
              </Suspense>
            </>
          ) : (
            <Suspense>
              <RolloutApprovals id={id} />
            </Suspense>
          )}
          {host && act === null ? (
            <HostDialog
              host={host}
              waveName={host.wave === null ? null : (rollout.waves[host.wave]?.name ?? null)}
              refusal={host.stage === 'left out' ? 'It is left out already.' : refusalOf('exclude')}
              onExclude={() => setAct({ kind: 'exclude', hosts: [host] })}
              onClose={() => change({ host: undefined })}
            />
          ) : null}
          {act === null ? null : (
            <ActDialog
              act={act}
              rollout={rollout}
              refusal={act.kind === 'approve gate' ? null : refusalOf(act.kind)}
              onClose={() => {
                setAct(null)
                change({ host: undefined })
              }}
            />
          )}
        </>
      ) : found.isPending ? (
        <RolloutLoading />
      ) : isMissing ? (
        <Notice
          mark={<StateGlyph state="unsupported" size={20} />}
          title="No such rollout"
          actions={
            <Link to="/rollouts" className={buttonClass('primary', 'large')}>
              All rollouts
            </Link>
          }
        >
          <p>
            The address is wrong, or some of its hosts are none of yours: a rollout is shown only to who may see all its
            hosts.
          </p>
        </Notice>
      ) : (
        <ProblemNotice what="This rollout" error={error ?? new Error('')} onRetry={() => void found.refetch()} />
      )}
    </>
  )
}

/** Says when the rollout comes to another phase or wave; its sentence counts time, and would never be silent. */
const useSpokenPhase = (
  rollout: { phase: RolloutPhase; sentence: string; wave: { number: number } | null } | undefined,
): void => {
  const place = rollout === undefined ? null : `${rollout.phase} ${rollout.wave?.number ?? ''}`
  const [known, setKnown] = useState(place)
  useEffect(() => {
    if (place === known || rollout === undefined) return
    setKnown(place)
    if (known !== null) announce(`${PHASE_WORDS[rollout.phase].word}. ${visibleText(rollout.sentence, 300)}`)
  }, [place, known, rollout])
}
