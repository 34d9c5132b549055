import type { ComplianceHost } from '@rebootless/shared/contract/compliance.ts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { MoreRows } from '../../shell/more-rows.tsx'
import { ProblemNotice } from '../../shell/problem-notice.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { count, dayOf, plural } from '../../ui/duration.ts'
import { ExposureGlyph } from '../../ui/exposure-mark.tsx'
import { HostText, visibleText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { OriginMark } from '../../ui/origin-mark.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { overdueWord } from './breakdown.tsx'
import { hostExposureQuery } from './cve/queries.ts'
import { momentWord } from './day.ts'
import { HostExposureRows } from './host-exposure-list.tsx'
import { DOUBT_WORDS, numberTitle } from './number-words.ts'
import { complianceHostsQuery, type HostsAsked } from './queries.ts'
import { ReadFacts } from './read-facts.tsx'
import type { Scope } from './scope.ts'

/** The hosts behind one number of the summary, worst first; each opens what its agent read and why it counts. */
export const HostsDrawer = ({ scope, asked, onClose }: { scope: Scope; asked: HostsAsked; onClose: () => void }) => {
  const list = useInfiniteQuery(complianceHostsQuery(scope, asked))
  const hosts = list.data?.pages.flatMap((page) => page.items) ?? []
  const title = visibleText(numberTitle(asked), 120)
  return (
    <Dialog
      label={title}
      onClose={onClose}
      className="mt-0! mr-0! h-dvh max-h-dvh! w-[min(760px,100vw)]! max-w-none! overflow-y-auto! rounded-none!"
    >
      <DialogHead title={title} onClose={onClose} />
      <div className="p-4">
        <p role="status" className="text-12 text-ink-3">
          {list.data === undefined ? 'Fetching the hosts.' : plural(list.data.pages[0]?.total ?? 0, 'host')}
          {scope.at === undefined ? '' : ` at ${momentWord(scope.at)}`}
          {scope.filter === '' ? '' : ` of ${visibleText(scope.filter, 200)}`}
        </p>
        {list.isPending ? (
          <div className="mt-3 grid gap-5">
            {['w-40', 'w-56', 'w-48'].map((width) => (
              <Placeholder key={width} className={width} />
            ))}
          </div>
        ) : list.isError && hosts.length === 0 ? (
          <ProblemNotice what="These hosts" error={list.error} onRetry={() => void list.refetch()} />
        ) : hosts.length === 0 ? (
          <p className="mt-3">No host any more: the number has changed since.</p>
        ) : (
          <ul aria-label={title} className="mt-2 border-t border-line">
            {hosts.map((host) => (
              <HostRow key={host.id} host={host} scope={scope} accepted={asked.only === 'accepted'} />
            ))}
          </ul>
        )}
      </div>
      <MoreRows list={list} />
    </Dialog>
  )
}

/** What the least certain of a host's words is, or what is worst on it. */
const HostRow = ({ host, scope, accepted }: { host: ComplianceHost; scope: Scope; accepted: boolean }) => {
  const [open, setOpen] = useState(false)
  const { worst } = host
  const openCves = host.open.reduce((sum, { cves }) => sum + cves, 0)
  const word = !host.judged
    ? 'unknown'
    : openCves > 0
      ? 'exposed'
      : host.accepted > 0
        ? 'accepted'
        : host.unknown > 0
          ? 'unknown'
          : 'fixed_by_kernel'
  return (
    <li className="border-b border-line">
      <div className="relative grid grid-cols-[16px_minmax(0,1fr)] items-start gap-x-3 py-2.5">
        <span className="pt-0.5">
          <ExposureGlyph exposure={word} />
        </span>
        <div className="min-w-0">
          <p className="flex flex-wrap items-baseline gap-x-2">
            <Link
              to="/hosts/$id"
              params={{ id: host.id }}
              search={{ tab: 'exposure' }}
              className="quiet-link wrap-anywhere touch:py-2"
            >
              <HostText value={host.name} max={80} />
            </Link>
            <OriginMark origin={host.origin} brief />
            <span className="text-12 text-ink-3">
              {host.readAt === null ? (
                'never read'
              ) : (
                <>
                  read <TimeAgo at={host.readAt} suffix=" ago" />
                </>
              )}
            </span>
          </p>
          <p className="text-12 text-ink-2">
            {!host.judged
              ? 'Not judged yet.'
              : openCves === 0
                ? 'Nothing is open.'
                : `Open: ${host.open
                    .filter(({ cves }) => cves > 0)
                    .map(
                      ({ severity, cves, overdue }) =>
                        `${count(cves)} ${severity === 'unknown' ? 'not scored' : severity}${overdue > 0 ? ` (${count(overdue)} past SLA)` : ''}`,
                    )
                    .join(', ')}.`}
            {host.accepted > 0 ? ` ${count(host.accepted)} accepted.` : ''}
            {host.unknown > 0 ? ` ${count(host.unknown)} not known.` : ''}
            {host.fixedOnDisk > 0 ? ` A reboot would fix ${count(host.fixedOnDisk)}.` : ''}
          </p>
          {worst === null ? null : (
            <p className="text-12 text-ink-2">
              Worst: <span className="mono">{worst.cveId}</span>, open since {dayOf(worst.since)}
              {worst.overdueDays !== null ? (
                <>
                  {', '}
                  <b className="font-medium text-old-text">{overdueWord(worst.overdueDays)}</b>
                </>
              ) : worst.dueAt !== null ? (
                `, due ${dayOf(worst.dueAt)}`
              ) : (
                ', due never'
              )}
            </p>
          )}
          {host.doubts.length === 0 ? null : (
            <p className="text-12 text-ink-3">
              Less certain: {host.doubts.map((doubt) => DOUBT_WORDS[doubt]).join('; ')}.
            </p>
          )}
          <Button
            className="mt-1.5"
            aria-expanded={open}
            aria-label={`The evidence of ${visibleText(host.name, 80)}`}
            onClick={() => setOpen(!open)}
          >
            <ChevronRight size={12} aria-hidden className={`transition-transform ${open ? 'rotate-90' : ''}`} />
            The evidence
          </Button>
        </div>
      </div>
      {open ? <HostEvidence id={host.id} scope={scope} accepted={accepted} /> : null}
    </li>
  )
}

/** What the agent read, and each CVE that counts, with its rule. */
const HostEvidence = ({ id, scope, accepted }: { id: string; scope: Scope; accepted: boolean }) => {
  const list = useInfiniteQuery(hostExposureQuery(id, scope, { status: accepted ? 'accepted' : 'exposed' }))
  const first = list.data?.pages[0]
  if (list.isPending) return <Placeholder className="mb-4 ml-7 w-56" />
  if (list.isError) return <ProblemNotice what="The evidence" error={list.error} onRetry={() => void list.refetch()} />
  return (
    <div className="grid gap-3 pb-4 pl-7">
      {first?.evidence ? (
        <ReadFacts evidence={first.evidence} />
      ) : (
        <p className="text-12">Nothing was read of it yet.</p>
      )}
      <HostExposureRows
        items={list.data.pages.flatMap((page) => page.items)}
        doubts={first?.doubts ?? []}
        readAt={first?.evidence?.readAt ?? null}
        narrow
      />
      <MoreRows list={list} />
    </div>
  )
}
