import { parsePatchFilter } from '@rebootless/shared/domain/patch-filter.ts'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { sessionQuery } from '../features/access/queries.ts'
import { DropZone, UploadButton } from '../features/patches/drop-zone.tsx'
import { knownPatchValues, PATCH_LANGUAGE } from '../features/patches/patch-language.ts'
import { PatchTable, PatchTableLoading } from '../features/patches/patch-table.tsx'
import { patchListQuery } from '../features/patches/queries.ts'
import { SetDialog } from '../features/patches/set-dialog.tsx'
import { UploadDrawer } from '../features/patches/upload-drawer.tsx'
import { VendorUpdateDialog } from '../features/patches/vendor-update-dialog.tsx'
import { FilterBar } from '../shell/filter-bar.tsx'
import { useKeys } from '../shell/keys.ts'
import { MoreRows } from '../shell/more-rows.tsx'
import { moveRow } from '../shell/move-row.ts'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { Button, buttonClass } from '../ui/button.tsx'
import { plural } from '../ui/duration.ts'
import { NoMatch } from '../ui/no-match.tsx'
import { Notice } from '../ui/notice.tsx'
import { StateGlyph } from '../ui/state-glyph.tsx'
import { NO_CHANGES } from './patch-rights.ts'
import type { PatchSort } from './patches.ts'

const route = getRouteApi('/signed-in/patches')

type Open = { what: 'files'; offered: readonly File[] } | { what: 'set'; first: readonly string[] } | 'vendor'

export const PatchesPage = () => {
  usePageTitle('Patches')
  const { filter = '', sort = '-added' } = route.useSearch()
  const navigate = useNavigate({ from: '/patches' })
  const valid = parsePatchFilter(filter).ok
  const list = useInfiniteQuery({ ...patchListQuery({ filter, sort }), enabled: valid })
  const role = useQuery(sessionQuery).data?.role
  const refused = role === 'viewer' ? NO_CHANGES : null
  const [open, setOpen] = useState<Open | null>(null)
  const patches = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data])
  const known = useMemo(() => knownPatchValues(patches), [patches])
  const total = list.data?.pages[0]?.total ?? 0
  const change = (next: { filter?: string; sort?: PatchSort }) =>
    void navigate({ search: (before) => ({ ...before, ...next }), resetScroll: false })
  const toPatch = (made: { id: string }) => void navigate({ to: '/patches/$id', params: { id: made.id } })
  const offer = (files: readonly File[]) => {
    if (refused !== null || files.length === 0) return
    // What is dropped while the drawer is open joins what is in it.
    setOpen((before) => ({
      what: 'files',
      offered:
        before !== null && before !== 'vendor' && before.what === 'files' ? [...before.offered, ...files] : files,
    }))
  }
  useKeys(useMemo(() => ({ j: () => moveRow(1), k: () => moveRow(-1) }), []))
  return (
    <DropZone refused={refused} onFiles={offer}>
      <PageHeader
        title="Patches"
        updatedAt={list.dataUpdatedAt}
        actions={<UploadButton refused={refused} onFiles={offer} />}
      />
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2 border-b border-line px-6 py-2.5 max-desk:px-4">
        <FilterBar
          filter={filter}
          onFilter={(next) => change({ filter: next })}
          known={known}
          language={PATCH_LANGUAGE}
        />
        <div className="flex min-h-8 flex-wrap items-center gap-2 max-desk:w-full">
          <p role="status" className="text-12 whitespace-nowrap text-ink-3">
            {list.isSuccess ? plural(total, 'patch', 'patches') : ''}
          </p>
          <Link to="/patches/compare" className={buttonClass()}>
            Compare
          </Link>
          <Button
            disabled={refused !== null}
            title={refused ?? undefined}
            onClick={() => setOpen({ what: 'set', first: [] })}
          >
            Make a set
          </Button>
          <Button disabled={refused !== null} title={refused ?? undefined} onClick={() => setOpen('vendor')}>
            Enter a vendor’s update
          </Button>
        </div>
      </div>
      {!valid ? null : list.isPending ? (
        <PatchTableLoading />
      ) : list.isError && patches.length === 0 ? (
        <ProblemNotice what="The catalogue" error={list.error} onRetry={() => void list.refetch()} />
      ) : patches.length === 0 && filter === '' ? (
        <NoPatchYet />
      ) : patches.length === 0 ? (
        <NoMatch title="No patch matches" filter={filter} onClear={() => change({ filter: '' })} />
      ) : (
        <PatchTable patches={patches} sort={sort} onSort={(by) => change({ sort: sort === by ? `-${by}` : by })} />
      )}
      <MoreRows list={list} />
      {open === null ? null : open === 'vendor' ? (
        <VendorUpdateDialog onMade={toPatch} onClose={() => setOpen(null)} />
      ) : open.what === 'set' ? (
        <SetDialog first={open.first} onMade={toPatch} onClose={() => setOpen(null)} />
      ) : (
        <UploadDrawer
          offered={open.offered}
          onClose={() => setOpen(null)}
          onMakeSet={(first) => setOpen({ what: 'set', first })}
        />
      )}
    </DropZone>
  )
}

const NoPatchYet = () => (
  <Notice mark={<StateGlyph state="unsupported" size={20} />} title="No patch yet">
    <p>
      Drop a livepatch module on this page, or press Upload: a <code className="mono">.ko</code>, packed by xz, zstd or
      gzip or not, or an <code className="mono">.rpm</code> or <code className="mono">.deb</code> with one in it. It is
      read first, and kept only when you say so.
    </p>
    <p>What a vendor’s tool brings has no file here: enter it as a vendor’s update.</p>
  </Notice>
)
