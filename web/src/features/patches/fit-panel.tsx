import type { FitReasonCode, HostFit, PatchFit } from '@rebootless/shared/contract/patch-hosts.ts'
import { FITS, type Fits } from '@rebootless/shared/domain/patch-words.ts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { MoreRows } from '../../shell/more-rows.tsx'
import { ProblemNotice } from '../../shell/problem-notice.tsx'
import { buttonClass } from '../../ui/button.tsx'
import { count, plural } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { FitMark } from './fit-mark.tsx'
import { FIT_WORDS, REASON_WORDS } from './fit-words.ts'
import { HostFilter, isHostFilter } from './host-filter.tsx'
import { PanelLoading } from './panel-loading.tsx'
import { patchFitQuery } from './queries.ts'

export interface FitAsked {
  readonly filter: string
  readonly fits: Fits | undefined
  readonly reason: string | undefined
}

const isReason = (word: string | undefined): word is FitReasonCode =>
  word !== undefined && Object.hasOwn(REASON_WORDS, word)

/** Which hosts can take it, and for each that cannot, why; by reason, each an address. */
export const FitPanel = ({
  id,
  asked,
  onFilter,
}: {
  id: string
  asked: FitAsked
  onFilter: (filter: string) => void
}) => {
  const reason = isReason(asked.reason) ? asked.reason : undefined
  const valid = isHostFilter(asked.filter)
  const list = useInfiniteQuery({
    ...patchFitQuery(id, {
      filter: asked.filter,
      ...(asked.fits === undefined ? {} : { fits: asked.fits }),
      ...(reason === undefined ? {} : { reason }),
    }),
    enabled: valid,
  })
  const first = list.data?.pages[0]
  const items = list.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <>
      <HostFilter filter={asked.filter} onFilter={onFilter} />
      {!valid ? null : list.isPending ? (
        <PanelLoading what="Which hosts can take it" />
      ) : first === undefined ? (
        <ProblemNotice
          what="Which hosts can take it"
          error={list.error ?? new Error('')}
          onRetry={() => void list.refetch()}
        />
      ) : (
        <>
          <p className="px-6 pt-5 text-16 max-desk:px-4">{fitSentence(first)}</p>
          <Choices fit={first} asked={{ ...asked, reason }} />
          <p role="status" className="border-b border-line px-6 pb-2 text-12 text-ink-3 max-desk:px-4">
            {plural(first.total, 'host')}
            {asked.fits === undefined && reason === undefined ? '' : ' with this answer'}
          </p>
          <ul aria-label="Hosts">
            {items.map((one) => (
              <HostLine key={one.host.id} one={one} />
            ))}
          </ul>
          <MoreRows list={list} />
        </>
      )}
    </>
  )
}

const fitSentence = ({ counts: { yes, no, unknown } }: PatchFit): string => {
  const all = yes + no + unknown
  if (all === 0) return 'There is no host to look at.'
  const rest = [
    no === 0 ? '' : `${count(no)} cannot`,
    unknown === 0 ? '' : `of ${count(unknown)} it is not known`,
  ].filter((part) => part !== '')
  return `${count(yes)} of ${plural(all, 'host')} can take it${rest.length === 0 ? '' : `; ${rest.join(', ')}`}.`
}

/** What narrows the list: an answer, a reason. Each is a link, so that a colleague sees the same. */
const Choices = ({ fit, asked }: { fit: PatchFit; asked: FitAsked }) => (
  <nav aria-label="Hosts by answer and reason" className="grid gap-3 px-6 py-4 max-desk:px-4">
    <ul className="flex flex-wrap gap-2">
      {FITS.map((fits) => (
        <li key={fits}>
          <Choice
            chosen={asked.fits === fits}
            search={asked.fits === fits ? { fits: undefined } : { fits }}
            word={FIT_WORDS[fits]}
            hosts={fit.counts[fits]}
          />
        </li>
      ))}
    </ul>
    {fit.reasons.length === 0 ? null : (
      <ul className="flex flex-wrap gap-2">
        {fit.reasons.map(({ code, hosts }) => (
          <li key={code}>
            <Choice
              chosen={asked.reason === code}
              search={asked.reason === code ? { reason: undefined } : { reason: code }}
              word={REASON_WORDS[code]}
              hosts={hosts}
            />
          </li>
        ))}
      </ul>
    )}
  </nav>
)

const Choice = ({
  chosen,
  search,
  word,
  hosts,
}: {
  chosen: boolean
  search: { fits?: Fits | undefined; reason?: string | undefined }
  word: string
  hosts: number
}) => (
  <Link
    from="/patches/$id"
    to="."
    search={(before) => withoutEmpty({ ...before, ...search })}
    resetScroll={false}
    replace
    activeProps={{}}
    aria-current={chosen ? 'true' : undefined}
    className={`${buttonClass()} current:border-ink current:bg-ink/8`}
  >
    {word} <span className="font-normal text-ink-3">{count(hosts)}</span>
    {chosen ? <X size={12} role="img" aria-label="shown alone; show all" /> : null}
  </Link>
)

const withoutEmpty = <Search extends object>(search: Search) =>
  Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined))

const HostLine = ({ one: { host, fits, reasons } }: { one: HostFit }) => (
  <li className="grid gap-x-6 gap-y-1 border-b border-line px-6 py-2.5 max-desk:px-4 desk:grid-cols-[120px_minmax(160px,1fr)_minmax(0,2.4fr)]">
    <span>
      <FitMark fits={fits} />
    </span>
    <p className="min-w-0">
      <Link to="/hosts/$id" params={{ id: host.id }} data-row-link className="quiet-link">
        <HostText value={host.name} max={80} />
      </Link>
      <span className="mono block text-[12px] text-ink-3">
        <HostText value={host.kernelRelease} max={80} />
      </span>
    </p>
    <ul className="grid min-w-0 gap-1 text-12 text-ink-2">
      {reasons.map(({ code, kind, text }) => (
        <li key={code} className={kind === 'note' ? 'text-ink-3' : ''}>
          <HostText value={text} max={700} />
        </li>
      ))}
    </ul>
  </li>
)
