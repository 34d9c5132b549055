import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { sessionQuery } from '../features/access/queries.ts'
import { fleetCountsQuery } from '../features/fleet/queries.ts'
import { knownValues } from '../features/hosts/known-values.ts'
import { hostListQuery } from '../features/hosts/queries.ts'
import { changeOf, copyOf, newPlan } from '../features/rollouts/maker/draft.ts'
import { Maker } from '../features/rollouts/maker/maker.tsx'
import { catalogueEntryQuery } from '../features/rollouts/maker/queries.ts'
import { rolloutQuery } from '../features/rollouts/queries.ts'
import { templatesQuery } from '../features/rollouts/template-queries.ts'
import { Crumb } from '../shell/crumb.tsx'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { buttonClass } from '../ui/button.tsx'
import { Notice, Placeholder } from '../ui/notice.tsx'
import { StateGlyph } from '../ui/state-glyph.tsx'
import { NO_CHANGES } from './patch-rights.ts'
import type { NewRolloutSearch } from './rollout-search.ts'

const route = getRouteApi('/signed-in/rollouts/new')

/** What the address asks for: a patch, hosts, another rollout's plan, a template. */
const useFirst = ({ patch, hosts, from, template }: NewRolloutSearch) => {
  const entry = useQuery({ ...catalogueEntryQuery(patch ?? ''), enabled: patch !== undefined })
  const copied = useQuery({ ...rolloutQuery(from ?? ''), enabled: from !== undefined })
  const templates = useQuery({ ...templatesQuery, enabled: template !== undefined })
  const asked = [patch && entry, from && copied, template && templates].filter(
    (one): one is Exclude<typeof one, '' | undefined> => typeof one === 'object',
  )
  const isReady = asked.every(({ data }) => data !== undefined)
  // One plan for one address: what comes anew while somebody writes does not change it.
  const first = useMemo((): RolloutPlan | null => {
    if (!isReady) return null
    const how = templates.data?.items.find(({ id }) => id === template)?.plan
    const plan = copied.data ? { ...copyOf(copied.data.plan), ...how } : newPlan(how)
    return {
      ...plan,
      ...(entry.data ? { change: changeOf(entry.data), name: entry.data.name } : {}),
      ...(hosts === undefined ? {} : { hosts }),
    }
  }, [isReady, templates.data, copied.data, entry.data, hosts, template])
  return { first, failed: asked.find(({ isError, data }) => isError && data === undefined) }
}

/** A rollout is made. */
export const RolloutNewPage = () => {
  usePageTitle('New rollout')
  const search = route.useSearch()
  const navigate = useNavigate()
  const role = useQuery(sessionQuery).data?.role
  const counts = useQuery(fleetCountsQuery).data
  const hosts = useInfiniteQuery(hostListQuery({ filter: '', sort: 'name' })).data
  const known = useMemo(() => knownValues(counts, hosts?.pages.flatMap((page) => page.items) ?? []), [counts, hosts])
  const { first, failed } = useFirst(search)
  return (
    <>
      <PageHeader updatedAt={null} crumbs={<Crumb to="/rollouts">Rollouts</Crumb>} title="New rollout" />
      {role === 'viewer' ? (
        <Notice
          mark={<StateGlyph state="unsupported" size={20} />}
          title="You cannot make one"
          actions={
            <Link to="/rollouts" className={buttonClass('primary', 'large')}>
              All rollouts
            </Link>
          }
        >
          <p>{NO_CHANGES}</p>
        </Notice>
      ) : failed !== undefined ? (
        <ProblemNotice
          what="What the rollout begins with"
          error={failed.error ?? new Error('')}
          onRetry={() => void failed.refetch()}
        />
      ) : first === null ? (
        <div aria-busy="true" className="grid gap-4 px-6 py-6 max-desk:px-4">
          <Placeholder className="w-52" />
          <Placeholder className="w-64" />
          <Placeholder className="w-40" />
        </div>
      ) : (
        <Maker
          key={JSON.stringify(search)}
          origin={Object.keys(search).length === 0 ? '' : JSON.stringify(search)}
          first={first}
          compareWith={search.from}
          known={known}
          onKept={({ id }) => void navigate({ to: '/rollouts/$id', params: { id } })}
        />
      )}
    </>
  )
}
