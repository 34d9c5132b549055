import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { GitCompareArrows, Route, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { sessionQuery } from '../features/access/queries.ts'
import { DeleteDialog } from '../features/patches/delete-dialog.tsx'
import { FitPanel } from '../features/patches/fit-panel.tsx'
import { ForecastPanel } from '../features/patches/forecast-panel.tsx'
import { LoadDialog } from '../features/patches/load-dialog.tsx'
import { OverviewPanel } from '../features/patches/overview-panel.tsx'
import { PanelLoading } from '../features/patches/panel-loading.tsx'
import { PatchHeader } from '../features/patches/patch-header.tsx'
import { PatchTabs, tabsOf } from '../features/patches/patch-tabs.tsx'
import { PatchedFunctions } from '../features/patches/patched-functions.tsx'
import { patchQuery } from '../features/patches/queries.ts'
import { Crumb } from '../shell/crumb.tsx'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { Button, buttonClass } from '../ui/button.tsx'
import { HostText, visibleText } from '../ui/host-text.tsx'
import { Notice } from '../ui/notice.tsx'
import { StateGlyph } from '../ui/state-glyph.tsx'
import { NO_CHANGES } from './patch-rights.ts'

const route = getRouteApi('/signed-in/patches/$id')

/** One entry of the catalogue: what it is, which hosts it fits, what is in its way. */
export const PatchPage = () => {
  const { id } = route.useParams()
  const search = route.useSearch()
  const navigate = useNavigate({ from: '/patches/$id' })
  const found = useQuery(patchQuery(id))
  const role = useQuery(sessionQuery).data?.role
  const refused = role === 'viewer' ? NO_CHANGES : null
  const [open, setOpen] = useState<'load' | 'delete' | null>(null)
  const { data: patch, error } = found
  usePageTitle(patch ? visibleText(patch.name, 80) : 'Patch')
  const tab = patch && search.tab && tabsOf(patch).includes(search.tab) ? search.tab : 'overview'
  const { filter = '', find = '' } = search
  const change = (next: { filter?: string; find?: string }) =>
    void navigate({
      search: (before) =>
        Object.fromEntries(Object.entries({ ...before, ...next }).filter(([, value]) => value !== '')),
      replace: true,
      resetScroll: false,
    })
  return (
    <>
      <PageHeader
        updatedAt={found.dataUpdatedAt}
        crumbs={<Crumb to="/patches">Patches</Crumb>}
        title={patch ? <HostText value={patch.name} max={80} /> : <span className="text-ink-3">…</span>}
      />
      {patch ? (
        <>
          <PatchHeader
            patch={patch}
            actions={
              <>
                {refused === null ? (
                  <Link to="/rollouts/new" search={{ patch: patch.id }} className={buttonClass('primary')}>
                    <Route size={14} aria-hidden />
                    Roll out…
                  </Link>
                ) : null}
                {patch.kind === 'set' ? null : (
                  <Button disabled={refused !== null} title={refused ?? undefined} onClick={() => setOpen('load')}>
                    {patch.kind === 'module' ? 'Load on hosts…' : 'Run on hosts…'}
                  </Button>
                )}
                {patch.kind === 'module' ? (
                  <Link to="/patches/compare" search={{ left: patch.id }} className={buttonClass()}>
                    <GitCompareArrows size={14} aria-hidden />
                    Compare
                  </Link>
                ) : null}
                <Button
                  kind="danger"
                  disabled={refused !== null || patch.cannotDelete !== null}
                  title={refused ?? (patch.cannotDelete === null ? undefined : visibleText(patch.cannotDelete, 500))}
                  onClick={() => setOpen('delete')}
                >
                  <Trash2 size={14} aria-hidden />
                  Delete…
                </Button>
              </>
            }
          />
          <PatchTabs patch={patch} tab={tab} />
          {tab === 'overview' ? <OverviewPanel patch={patch} refused={refused} isAdmin={role === 'admin'} /> : null}
          {tab === 'functions' ? (
            <PatchedFunctions facts={patch.facts} find={find} onFind={(next) => change({ find: next })} />
          ) : null}
          {tab === 'hosts' ? (
            <FitPanel
              id={id}
              asked={{ filter, fits: search.fits, reason: search.reason }}
              onFilter={(next) => change({ filter: next })}
            />
          ) : null}
          {tab === 'forecast' ? (
            <ForecastPanel id={id} filter={filter} onFilter={(next) => change({ filter: next })} />
          ) : null}
          {open === 'load' ? (
            <LoadDialog
              patch={patch}
              onAsked={(asked) => void navigate({ to: '/approvals/$id', params: { id: asked.id } })}
              onClose={() => setOpen(null)}
            />
          ) : null}
          {open === 'delete' ? (
            <DeleteDialog
              patch={patch}
              onDeleted={() => void navigate({ to: '/patches' })}
              onClose={() => setOpen(null)}
            />
          ) : null}
        </>
      ) : found.isPending ? (
        <PanelLoading what="The patch" />
      ) : error instanceof ApiProblem && ['patch_not_found', 'query_invalid'].includes(error.code) ? (
        <Notice
          mark={<StateGlyph state="unsupported" size={20} />}
          title="No such patch"
          actions={
            <Link to="/patches" className={buttonClass('primary', 'large')}>
              All patches
            </Link>
          }
        >
          <p>It was deleted, or the address is wrong. The same file uploaded again gets the same address.</p>
        </Notice>
      ) : (
        <ProblemNotice what="This patch" error={error ?? new Error('')} onRetry={() => void found.refetch()} />
      )}
    </>
  )
}
