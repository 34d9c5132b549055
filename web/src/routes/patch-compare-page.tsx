import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { ArrowRightLeft } from 'lucide-react'
import { ComparisonView } from '../features/patches/comparison-view.tsx'
import { ModuleChoice } from '../features/patches/module-choice.tsx'
import { PanelLoading } from '../features/patches/panel-loading.tsx'
import { comparisonQuery, modulesQuery } from '../features/patches/queries.ts'
import { Crumb } from '../shell/crumb.tsx'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { StateGlyph } from '../ui/state-glyph.tsx'

const route = getRouteApi('/signed-in/patches/compare')

/** Two modules, chosen by the address, function by function. */
export const PatchComparePage = () => {
  usePageTitle('Compare patches')
  const { left = '', right = '', find = '', show } = route.useSearch()
  const navigate = useNavigate({ from: '/patches/compare' })
  const modules = useQuery(modulesQuery)
  const both = left !== '' && right !== ''
  const comparison = useQuery({ ...comparisonQuery(left, right), enabled: both })
  const change = (next: { left?: string; right?: string; find?: string; all?: boolean }) => {
    const { all = show === 'all', ...words } = { left, right, find, ...next }
    const kept = Object.entries({ ...words, show: all ? 'all' : '' }).filter(([, value]) => value !== '')
    void navigate({ search: Object.fromEntries(kept), replace: true, resetScroll: false })
  }
  return (
    <>
      <PageHeader updatedAt={null} crumbs={<Crumb to="/patches">Patches</Crumb>} title="Compare" />
      {modules.isError ? (
        <ProblemNotice what="The modules" error={modules.error} onRetry={() => void modules.refetch()} />
      ) : (
        <div className="grid items-end gap-x-3 gap-y-3 border-b border-line px-6 py-4 max-desk:px-4 desk:grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)]">
          <ModuleChoice
            label="What is there"
            modules={modules.data?.items ?? []}
            value={left}
            onChange={(id) => change({ left: id })}
          />
          <Button
            size="large"
            aria-label="Exchange the two"
            disabled={!both}
            onClick={() => change({ left: right, right: left })}
            className="h-9! justify-self-start"
          >
            <ArrowRightLeft size={14} aria-hidden />
          </Button>
          <ModuleChoice
            label="What is to come"
            modules={modules.data?.items ?? []}
            value={right}
            onChange={(id) => change({ right: id })}
          />
        </div>
      )}
      {!both ? (
        <Notice mark={<StateGlyph state="unsupported" size={20} />} title="Two modules are compared">
          <p>Choose the one that is there and the one that is to come: the page says what would change.</p>
        </Notice>
      ) : comparison.isPending ? (
        <PanelLoading what="The comparison" />
      ) : comparison.isError ? (
        <ProblemNotice what="The comparison" error={comparison.error} onRetry={() => void comparison.refetch()} />
      ) : (
        <ComparisonView comparison={comparison.data} find={find} all={show === 'all'} onChange={change} />
      )}
    </>
  )
}
