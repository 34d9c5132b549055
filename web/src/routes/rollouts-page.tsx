import { ROLLOUT_PHASES, type RolloutPhase } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useMemo } from 'react'
import { sessionQuery } from '../features/access/queries.ts'
import { RolloutList, RolloutListLoading } from '../features/rollouts/list/rollout-list.tsx'
import { rolloutListQuery } from '../features/rollouts/queries.ts'
import { PHASE_WORDS } from '../features/rollouts/stage-words.ts'
import { useKeys } from '../shell/keys.ts'
import { moveRow } from '../shell/move-row.ts'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { Button, buttonClass } from '../ui/button.tsx'
import { plural } from '../ui/duration.ts'
import { Notice } from '../ui/notice.tsx'
import { StateGlyph } from '../ui/state-glyph.tsx'

const route = getRouteApi('/signed-in/rollouts')

/** Every rollout, newest first, as it goes on. */
export const RolloutsPage = () => {
  usePageTitle('Rollouts')
  const { phase } = route.useSearch()
  const navigate = useNavigate({ from: '/rollouts' })
  const list = useQuery(rolloutListQuery(phase))
  const choose = (next: RolloutPhase | undefined) =>
    void navigate({ search: next === undefined ? {} : { phase: next }, resetScroll: false })
  useKeys(useMemo(() => ({ j: () => moveRow(1), k: () => moveRow(-1) }), []))
  return (
    <>
      <PageHeader title="Rollouts" updatedAt={list.dataUpdatedAt} actions={<NewRollout />} />
      <div className="flex min-h-13 flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-6 py-2 max-desk:px-4">
        <label className="flex items-center gap-2 text-12 text-ink-3">
          State
          <select
            data-page-filter
            value={phase ?? ''}
            onChange={(event) => choose(ROLLOUT_PHASES.find((one) => one === event.target.value))}
            className="h-8 rounded-control border border-line-3 bg-sheet px-2 font-medium text-ink touch:h-11"
          >
            <option value="">all</option>
            {ROLLOUT_PHASES.map((one) => (
              <option key={one} value={one}>
                {PHASE_WORDS[one].word}
              </option>
            ))}
          </select>
        </label>
        <p role="status" className="text-12 text-ink-3">
          {list.isSuccess ? plural(list.data.items.length, 'rollout') : ''}
        </p>
        <Link
          to="/rollouts/policies"
          className="ml-auto text-12 text-ink-2 underline decoration-line-3 underline-offset-2 transition-colors hover:text-ink touch:py-3"
        >
          Policies
        </Link>
      </div>
      {list.isPending ? (
        <RolloutListLoading />
      ) : list.isError ? (
        <ProblemNotice what="The rollouts" error={list.error} onRetry={() => void list.refetch()} />
      ) : list.data.items.length > 0 ? (
        <RolloutList rollouts={list.data.items} />
      ) : phase === undefined ? (
        <NoRolloutYet />
      ) : (
        <Notice
          mark={<StateGlyph state="unsupported" size={20} />}
          title="No rollout is at this state"
          actions={
            <Button size="large" onClick={() => choose(undefined)}>
              Show all
            </Button>
          }
        >
          <p>None that you may see is “{PHASE_WORDS[phase].word.toLowerCase()}”.</p>
        </Notice>
      )}
    </>
  )
}

const NoRolloutYet = () => (
  <Notice mark={<StateGlyph state="unsupported" size={20} />} title="No rollout yet" actions={<NewRollout />}>
    <p>
      A rollout puts one change onto many hosts, wave by wave, and stops by itself when something goes wrong. It is a
      plan first: nothing begins before somebody starts it.
    </p>
  </Notice>
)

const NewRollout = () => {
  const isViewer = useQuery(sessionQuery).data?.role === 'viewer'
  return isViewer ? null : (
    <Link to="/rollouts/new" className={buttonClass('primary')}>
      <Plus size={14} aria-hidden />
      New rollout
    </Link>
  )
}
