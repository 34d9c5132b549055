import type { PatchSummary } from '@rebootless/shared/contract/patches.ts'
import { Link } from '@tanstack/react-router'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { count } from '../../ui/duration.ts'
import { HostText, visibleText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { useIsPhone } from '../../ui/use-is-phone.ts'
import { hostsSentence, KindMark, madeFor, signatureWord } from './patch-marks.tsx'

export type PatchSortBy = 'added' | 'name' | 'release' | 'hosts'
const COLUMNS: readonly { word: string; sort: PatchSortBy | null; className: string }[] = [
  { word: 'Name', sort: 'name', className: 'pl-6' },
  { word: 'Kind', sort: null, className: '' },
  { word: 'Made for', sort: 'release', className: '' },
  { word: 'Hosts', sort: 'hosts', className: '' },
  { word: 'CVEs', sort: null, className: '' },
  { word: 'Functions', sort: null, className: 'text-right' },
  { word: 'Cumulative', sort: null, className: 'max-wide:hidden' },
  { word: 'Signature', sort: null, className: 'max-wide:hidden' },
  { word: 'Added', sort: 'added', className: 'pr-6 text-right' },
]
const CELL = 'h-11 px-2 align-middle'

/** The catalogue. */
export const PatchTable = ({
  patches,
  sort,
  onSort,
}: {
  patches: readonly PatchSummary[]
  sort: string
  onSort: (sort: PatchSortBy) => void
}) =>
  useIsPhone() ? (
    <ul aria-label="Patches">
      {patches.map((patch) => (
        <PatchCard key={patch.id} patch={patch} />
      ))}
    </ul>
  ) : (
    <table className="w-full border-collapse">
      <caption className="sr-only">Patches</caption>
      <Head sort={sort} onSort={onSort} />
      <tbody>
        {patches.map((patch) => (
          <PatchRow key={patch.id} patch={patch} />
        ))}
      </tbody>
    </table>
  )

const Head = ({ sort, onSort }: { sort: string; onSort: (sort: PatchSortBy) => void }) => {
  const by = sort.replace('-', '')
  const Arrow = sort.startsWith('-') ? ArrowUp : ArrowDown
  return (
    <thead className="sticky top-13 z-[5] bg-sheet text-11 text-ink-3 shadow-[inset_0_-1px_0_var(--line)]">
      <tr className="h-8">
        {COLUMNS.map(({ word, sort: sorts, className }) => (
          <th
            key={word}
            scope="col"
            aria-sort={sorts === by ? (sort.startsWith('-') ? 'descending' : 'ascending') : undefined}
            className={`px-2 font-medium whitespace-nowrap ${className}`}
          >
            {sorts === null ? (
              word
            ) : (
              <button
                type="button"
                onClick={() => onSort(sorts)}
                className={`inline-flex h-7 items-center gap-1 font-medium hover:text-ink ${sorts === by ? 'text-ink' : ''}`}
              >
                {word}
                {sorts === by ? <Arrow size={12} aria-hidden /> : null}
              </button>
            )}
          </th>
        ))}
      </tr>
    </thead>
  )
}

const NameLink = ({ patch }: { patch: PatchSummary }) => (
  <Link
    to="/patches/$id"
    params={{ id: patch.id }}
    data-row-link
    className="font-medium wrap-anywhere after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-ink"
  >
    <HostText value={patch.name} max={80} />
  </Link>
)

const PatchRow = ({ patch }: { patch: PatchSummary }) => {
  const { module, cves } = patch
  return (
    <tr className="relative border-b border-line transition-colors hover:bg-hover">
      <th scope="row" className={`${CELL} pl-6 font-normal`}>
        <NameLink patch={patch} />
      </th>
      <td className={CELL}>
        <KindMark kind={patch.kind} />
      </td>
      <td className={`${CELL} mono max-w-60 text-[12px] wrap-anywhere text-ink-2`}>
        <HostText value={madeFor(patch)} max={80} />
      </td>
      <td className={`${CELL} text-12 text-ink-2`}>{hostsSentence(patch)}</td>
      <td className={`${CELL} text-12 whitespace-nowrap text-ink-2`}>
        {cves.length === 0 ? <span className="text-ink-3">none named</span> : <CveWord cves={cves} />}
      </td>
      <td className={`${CELL} text-right text-ink-2`}>{functionsWord(patch)}</td>
      <td className={`${CELL} text-12 text-ink-2 max-wide:hidden`}>{module === null ? '–' : yesNo(module.replace)}</td>
      <td className={`${CELL} text-12 text-ink-2 max-wide:hidden`}>
        <HostText value={signatureWord(patch)} max={80} />
      </td>
      <td className={`${CELL} pr-6 text-right text-12 text-ink-3`}>
        <TimeAgo at={patch.uploadedAt} />
      </td>
    </tr>
  )
}

const yesNo = (value: boolean | null): string => (value === null ? 'not known' : value ? 'yes' : 'no')

const functionsWord = ({ module }: PatchSummary): string =>
  module === null ? '–' : module.functionCount === null ? 'not read' : count(module.functionCount)

const CveWord = ({ cves }: { cves: readonly string[] }) => (
  <span title={visibleText(cves.join(', '), 1000)}>
    <span className="mono">{cves[0]}</span>
    {cves.length > 1 ? <span className="text-ink-3"> +{count(cves.length - 1)}</span> : null}
  </span>
)

/** The same at 390 px. */
const PatchCard = ({ patch }: { patch: PatchSummary }) => (
  <li className="relative grid gap-0.5 border-b border-line px-4 py-3">
    <p className="flex items-baseline justify-between gap-3 text-14">
      <NameLink patch={patch} />
      <span className="text-12 text-ink-3">
        <TimeAgo at={patch.uploadedAt} />
      </span>
    </p>
    <p className="flex flex-wrap gap-x-2 text-12 text-ink-2">
      <KindMark kind={patch.kind} />
      <span className="mono wrap-anywhere">
        <HostText value={madeFor(patch)} max={80} />
      </span>
    </p>
    <p className="text-12 text-ink-3">{hostsSentence(patch)}</p>
    {patch.cves.length === 0 ? null : (
      <p className="text-12 text-ink-2">
        <CveWord cves={patch.cves} />
      </p>
    )}
  </li>
)

/** Before the first answer, in its final geometry. */
export const PatchTableLoading = () => (
  <div aria-busy="true">
    <p role="status" className="sr-only">
      The patches are loading.
    </p>
    {['w-40', 'w-56', 'w-48', 'w-64', 'w-52', 'w-44'].map((width) => (
      <div key={width} className="flex h-11 items-center gap-8 border-b border-line px-6 max-desk:px-4">
        <Placeholder className={width} />
        <Placeholder className="w-20" />
        <Placeholder className="w-32 max-desk:hidden" />
      </div>
    ))}
  </div>
)
