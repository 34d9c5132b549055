import { parseFilter } from '@rebootless/shared/domain/filter.ts'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { sessionQuery } from '../features/access/queries.ts'
import { ComplianceTabs } from '../features/compliance/compliance-tabs.tsx'
import { CalendarPart } from '../features/compliance/reboots/calendar-part.tsx'
import { ChosenBar } from '../features/compliance/reboots/chosen-bar.tsx'
import { DebtHead, DebtLoading, ReasonsPart } from '../features/compliance/reboots/debt-head.tsx'
import { DebtRows, DebtRowsLoading } from '../features/compliance/reboots/debt-rows.tsx'
import { NoHostListed } from '../features/compliance/reboots/no-host-listed.tsx'
import { type Meant, PlanDialog } from '../features/compliance/reboots/plan-dialog.tsx'
import { type DebtAsked, rebootDebtQuery } from '../features/compliance/reboots/queries.ts'
import { fleetCountsQuery } from '../features/fleet/queries.ts'
import { knownValues } from '../features/hosts/known-values.ts'
import { FilterBar } from '../shell/filter-bar.tsx'
import { useKeys } from '../shell/keys.ts'
import { MoreRows } from '../shell/more-rows.tsx'
import { moveRow } from '../shell/move-row.ts'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import type { RebootsSearch } from './compliance-search.ts'

const route = getRouteApi('/signed-in/compliance/reboots')

/** Which hosts need a boot, why and since when, and when somebody boots them. */
export const RebootDebtPage = () => {
  usePageTitle('Reboots')
  const { filter = '', month, view = 'month', ...narrowed } = route.useSearch()
  const navigate = useNavigate({ from: '/compliance/reboots' })
  const asked: DebtAsked = { ...(filter === '' ? {} : { filter }), ...narrowed }
  const valid = parseFilter(filter).ok
  const list = useInfiniteQuery({ ...rebootDebtQuery(asked), enabled: valid })
  const session = useQuery(sessionQuery).data
  const counts = useQuery(fleetCountsQuery).data
  const known = useMemo(() => knownValues(counts, []), [counts])
  const hosts = list.data?.pages.flatMap(({ items }) => items) ?? []
  const [first] = list.data?.pages ?? []
  const mayPlan = session !== undefined && session.role !== 'viewer'
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [opened, setOpened] = useState<{ act: 'plan' | 'cancel'; meant: Meant }>()
  const change = (next: { [Key in keyof RebootsSearch]?: RebootsSearch[Key] | undefined }) => {
    setChosen(new Set())
    void navigate({
      search: (before) =>
        Object.fromEntries(
          Object.entries({ ...before, ...next }).filter(([, value]) => value !== undefined && value !== ''),
        ) as RebootsSearch,
      replace: 'view' in next || 'month' in next,
      resetScroll: false,
    })
  }
  useKeys(useMemo(() => ({ j: () => moveRow(1), k: () => moveRow(-1) }), []))
  const isNarrowed = Object.keys(narrowed).length > 0
  const unnarrowed = { reason: undefined, answer: undefined, plan: undefined, day: undefined }
  const all = () => change(unnarrowed)
  return (
    <>
      <PageHeader title="Compliance" updatedAt={list.dataUpdatedAt} />
      <ComplianceTabs tab="/compliance/reboots" filter={filter} />
      <div className="border-b border-line px-6 py-2.5 max-desk:px-4">
        <FilterBar filter={filter} onFilter={(next) => change({ filter: next })} known={known} />
      </div>
      {!valid ? null : list.isPending ? (
        <DebtLoading />
      ) : first === undefined ? (
        <ProblemNotice
          what="The hosts that need a boot"
          error={list.error ?? new Error('')}
          onRetry={() => void list.refetch()}
        />
      ) : (
        <>
          <DebtHead list={first} asked={asked} />
          {first.counts.hosts === 0 ? null : (
            <>
              <div className="grid divide-line border-y border-line max-desk:divide-y desk:grid-cols-2 desk:divide-x">
                <ReasonsPart counts={first.counts} asked={asked} />
                <CalendarPart
                  {...{ filter, month, view, day: narrowed.day }}
                  onMonth={(next) => change({ month: next })}
                  onView={(next) => change({ view: next })}
                />
              </div>
              <ChosenBar
                hosts={hosts}
                total={first.total}
                asked={asked}
                chosen={chosen}
                onChosen={setChosen}
                onAct={mayPlan ? (act, meant) => setOpened({ act, meant }) : undefined}
                onAll={isNarrowed ? all : undefined}
              />
            </>
          )}
          {list.isPlaceholderData ? (
            <DebtRowsLoading />
          ) : hosts.length === 0 ? (
            <NoHostListed
              asked={asked}
              hosts={first.counts.hosts}
              onAll={all}
              onEveryHost={() => change({ filter: undefined, ...unnarrowed })}
            />
          ) : (
            <DebtRows
              hosts={hosts}
              chosen={chosen}
              onChoose={
                mayPlan
                  ? (id, on) =>
                      setChosen((before) => new Set(on ? [...before, id] : [...before].filter((one) => one !== id)))
                  : undefined
              }
            />
          )}
          <MoreRows list={list} />
        </>
      )}
      {opened === undefined ? null : (
        <PlanDialog
          {...opened}
          onClose={() => setOpened(undefined)}
          onDone={() => {
            setOpened(undefined)
            setChosen(new Set())
          }}
        />
      )}
    </>
  )
}
