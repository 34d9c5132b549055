import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useMemo } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { sessionQuery } from '../features/access/queries.ts'
import { ActHost, ActMenuButton } from '../features/commands/act-host.tsx'
import { commandsQuery } from '../features/commands/queries.ts'
import { useOpenCommands } from '../features/commands/use-open-commands.ts'
import { IdentityBands, IdentityButton } from '../features/enrolment/host-identity.tsx'
import { HostHeader } from '../features/host/host-header.tsx'
import { HostLoading } from '../features/host/host-loading.tsx'
import { HostTabs } from '../features/host/host-tabs.tsx'
import { NextStepBand } from '../features/host/next-step-band.tsx'
import { PatchesTab } from '../features/host/patches-tab.tsx'
import { hostQuery, hostTransitionQuery } from '../features/host/queries.ts'
import { Crumb } from '../shell/crumb.tsx'
import { useKeys } from '../shell/keys.ts'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { HostText, visibleText } from '../ui/host-text.tsx'
import { useIsPhone } from '../ui/use-is-phone.ts'
import type { HostSearch } from './host.ts'
import { HOST_TABS, type HostTab } from './host-tab.ts'
import { HostNotFound } from './route-problem.tsx'

const TransitionTab = lazy(() => import('../features/host/transition/transition-tab.tsx'))
const FunctionsTab = lazy(() => import('../features/host/functions/functions-tab.tsx'))
const ProviderTab = lazy(() => import('../features/host/provider/provider-tab.tsx'))
const HostExposureTab = lazy(() => import('../features/compliance/host-exposure-tab.tsx'))
const CommandList = lazy(() => import('../features/commands/command-list.tsx'))
const RawTab = lazy(() => import('../features/host/raw-tab.tsx'))

const route = getRouteApi('/signed-in/hosts/$id')

export const HostPage = () => {
  const { id } = route.useParams()
  const search = route.useSearch()
  const { tab = 'patches' } = search
  // The map is wider than a phone, and its list says the same.
  const inWords = useIsPhone() && tab === 'functions'
  const view = search.view ?? (inWords ? 'table' : 'picture')
  const navigate = useNavigate({ from: '/hosts/$id' })
  const host = useQuery(hostQuery(id))
  const transition = useQuery(hostTransitionQuery(id))
  const commandsOpen = useOpenCommands(id)
  const commands = useQuery(commandsQuery({ host: id })).data?.items
  const role = useQuery(sessionQuery).data?.role
  const name = host.data ? visibleText(host.data.name, 80) : 'Host'
  usePageTitle(name)
  const change = (next: { [Key in keyof HostSearch]?: HostSearch[Key] | undefined }) =>
    void navigate({
      search: (before) =>
        Object.fromEntries(
          Object.entries({ ...before, ...next }).filter(([, value]) => value !== undefined),
        ) as HostSearch,
      replace: true,
      resetScroll: false,
    })
  const goTo = (next: HostTab) => void navigate({ search: { tab: next }, resetScroll: false })
  useKeys(
    // biome-ignore lint/correctness/useExhaustiveDependencies: what they call only reads the view
    useMemo(
      () => ({
        m: () => change({ view: view === 'picture' ? 'table' : 'picture' }),
        ...Object.fromEntries(HOST_TABS.map((word, index) => [String(index + 1), () => goTo(word)])),
      }),
      [view],
    ),
  )
  const failed = host.isError && !host.data
  return (
    <>
      <PageHeader
        updatedAt={host.dataUpdatedAt}
        crumbs={<Crumb to="/hosts">Hosts</Crumb>}
        title={host.data ? <HostText value={host.data.name} max={80} /> : <span className="text-ink-3">…</span>}
      />
      {failed ? (
        host.error instanceof ApiProblem && ['host_not_found', 'query_invalid'].includes(host.error.code) ? (
          <HostNotFound />
        ) : (
          <ProblemNotice what="This host" error={host.error} onRetry={() => void host.refetch()} />
        )
      ) : !host.data ? (
        <HostLoading />
      ) : (
        <ActHost host={host.data} transition={transition.data?.transition ?? null}>
          <HostHeader
            host={host.data}
            actions={
              <>
                <ActMenuButton />
                <IdentityButton host={host.data} role={role} />
              </>
            }
          />
          <IdentityBands host={host.data} />
          <NextStepBand host={host.data} transition={transition.data?.transition ?? null} />
          <HostTabs tab={tab} host={host.data} commandsOpen={commandsOpen} />
          <Suspense fallback={<div aria-busy="true" className="m-6 h-64 animate-shimmer rounded-mark bg-sunken" />}>
            {tab === 'patches' ? <PatchesTab host={host.data} commands={commands ?? []} /> : null}
            {tab === 'transition' ? (
              <TransitionTab
                query={transition}
                host={host.data}
                view={view}
                scale={search.scale ?? 'log'}
                openTask={search.task ?? ''}
                onChange={change}
              />
            ) : null}
            {tab === 'functions' ? (
              <FunctionsTab
                id={id}
                host={host.data}
                view={view}
                find={search.find ?? ''}
                chosen={search.function ?? ''}
                onChange={change}
              />
            ) : null}
            {tab === 'provider' ? <ProviderTab host={host.data} /> : null}
            {tab === 'exposure' ? (
              <HostExposureTab id={id} status={search.status} find={search.find ?? ''} onChange={change} />
            ) : null}
            {tab === 'commands' ? <CommandList asked={{ host: id }} /> : null}
            {tab === 'raw' ? <RawTab id={id} /> : null}
          </Suspense>
        </ActHost>
      )}
    </>
  )
}
