import type { HostForecast, PatchForecast } from '@rebootless/shared/contract/patch-hosts.ts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Ban, CircleHelp, Hourglass, type LucideIcon, TriangleAlert } from 'lucide-react'
import { MoreRows } from '../../shell/more-rows.tsx'
import { ProblemNotice } from '../../shell/problem-notice.tsx'
import { count, plural } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { OriginMark } from '../../ui/origin-mark.tsx'
import { CONFLICT_WORDS } from './fit-words.ts'
import { HostFilter, isHostFilter } from './host-filter.tsx'
import { PanelLoading } from './panel-loading.tsx'
import { patchForecastQuery } from './queries.ts'
import { HostLook, TaskLookButton } from './task-look.tsx'

/** What is in its functions' way before anything is loaded: hosts that will stall or refuse it, and why. */
export const ForecastPanel = ({
  id,
  filter,
  onFilter,
}: {
  id: string
  filter: string
  onFilter: (filter: string) => void
}) => {
  const valid = isHostFilter(filter)
  const list = useInfiniteQuery({ ...patchForecastQuery(id, { filter }), enabled: valid })
  const first = list.data?.pages[0]
  const items = list.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <>
      <HostFilter filter={filter} onFilter={onFilter} />
      {!valid ? null : list.isPending ? (
        <PanelLoading what="The forecast" />
      ) : first === undefined ? (
        <ProblemNotice what="The forecast" error={list.error ?? new Error('')} onRetry={() => void list.refetch()} />
      ) : (
        <>
          <p className="px-6 py-5 text-16 max-desk:px-4">{forecastSentence(first)}</p>
          <TaskLookButton id={id} filter={filter} first={first} />
          {first.functions.length === 0 ? null : <FunctionTable functions={first.functions} />}
          {items.length === 0 ? null : (
            <section aria-labelledby="forecast-hosts" className="border-t border-line">
              <h3 id="forecast-hosts" className="px-6 py-3 text-13 max-desk:px-4">
                Host by host <span className="font-normal text-ink-3">{count(first.total)}</span>
              </h3>
              <ul>
                {items.map((one) => (
                  <HostLine key={one.host.id} one={one} />
                ))}
              </ul>
              <MoreRows list={list} />
            </section>
          )}
          {first.cannotKnow.length === 0 ? null : (
            <section aria-labelledby="forecast-limits" className="border-t border-line px-6 py-5 max-desk:px-4">
              <h3 id="forecast-limits" className="text-13">
                What cannot be known from here
              </h3>
              <ul className="mt-2 grid max-w-[720px] list-disc gap-1.5 pl-4 text-ink-2">
                {first.cannotKnow.map((sentence) => (
                  <li key={sentence}>
                    <HostText value={sentence} max={700} />
                  </li>
                ))}
              </ul>
            </section>
          )}
        </>
      )}
    </>
  )
}

const forecastSentence = ({ looked, refusing, stalling }: PatchForecast): string => {
  if (looked === 0) return 'No host that you may see runs its kernel, so there is nothing to foresee.'
  const parts = [
    stalling === 0 ? '' : `${count(stalling)} will stall`,
    refusing === 0 ? '' : `${count(refusing)} will refuse it`,
  ].filter((part) => part !== '')
  const of = `Of ${plural(looked, 'host')} with a kernel that it is for`
  return parts.length === 0 ? `${of}, none is known to stall or to refuse it.` : `${of}, ${parts.join(', and ')}.`
}

const CELL = 'border-b border-line py-2 pr-4 align-top'

const FunctionTable = ({ functions }: { functions: PatchForecast['functions'] }) => (
  <div className="overflow-x-auto px-6 pb-5 max-desk:px-4">
    <table className="w-full border-collapse">
      <caption className="pb-2 text-left text-13 font-semibold">Functions with something in their way</caption>
      <thead className="text-11 text-ink-3">
        <tr>
          <th scope="col" className={`${CELL} font-medium`}>
            Function
          </th>
          <th scope="col" className={`${CELL} font-medium`}>
            What
          </th>
          <th scope="col" className={`${CELL} text-right font-medium`}>
            Tasks asleep in it
          </th>
          <th scope="col" className={`${CELL} pr-0 text-right font-medium`}>
            Hosts
          </th>
        </tr>
      </thead>
      <tbody>
        {functions.map((one) => (
          <tr key={`${one.object} ${one.function}`}>
            <th scope="row" className={`${CELL} mono text-[12px] font-medium wrap-anywhere`}>
              {one.function === '' ? (
                <span className="font-sans font-normal">all that are</span>
              ) : (
                <HostText value={one.function} max={200} />
              )}
              {one.object === 'vmlinux' ? null : (
                <span className="font-normal text-ink-3">
                  {' '}
                  in <HostText value={one.object} max={64} />
                </span>
              )}
            </th>
            <td className={`${CELL} text-ink-2`}>
              {one.conflicts.map((conflict) => CONFLICT_WORDS[conflict]).join('; ') || 'tasks sleep in it'}
            </td>
            <td className={`${CELL} text-right`}>{one.sleeping === 0 ? 'none known' : count(one.sleeping)}</td>
            <td className={`${CELL} pr-0 text-right`}>{count(one.hosts)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

const VERDICTS: Readonly<
  Record<'stall' | 'refuse' | 'conflict' | 'unknown', { word: string; icon: LucideIcon; tone: string }>
> = {
  stall: { word: 'Will stall', icon: Hourglass, tone: 'text-old-text' },
  refuse: { word: 'Will refuse it', icon: Ban, tone: 'text-old-text' },
  conflict: { word: 'Look at it', icon: TriangleAlert, tone: 'text-ink-2' },
  unknown: { word: 'Not known', icon: CircleHelp, tone: 'text-ink-3' },
}

const verdictOf = ({ willStall, willRefuse, conflicts }: HostForecast) =>
  VERDICTS[
    willRefuse === true ? 'refuse' : willStall === true ? 'stall' : conflicts.length > 0 ? 'conflict' : 'unknown'
  ]

const HostLine = ({ one }: { one: HostForecast }) => {
  const { word, icon: Icon, tone } = verdictOf(one)
  return (
    <li className="grid gap-x-6 gap-y-1 border-t border-line px-6 py-2.5 max-desk:px-4 desk:grid-cols-[120px_minmax(160px,1fr)_minmax(0,2.4fr)]">
      <span className={`inline-flex items-center gap-1.5 self-start font-medium whitespace-nowrap ${tone}`}>
        <Icon size={16} strokeWidth={1.75} aria-hidden className="flex-none" />
        {word}
      </span>
      <p className="min-w-0">
        <Link to="/hosts/$id" params={{ id: one.host.id }} data-row-link className="quiet-link">
          <HostText value={one.host.name} max={80} />
        </Link>{' '}
        <OriginMark origin={one.host.origin} />
        <span className="mono block text-[12px] text-ink-3">
          <HostText value={one.host.kernelRelease} max={80} />
        </span>
      </p>
      <ul className="grid min-w-0 gap-1 text-12 text-ink-2">
        {one.look === null ? null : (
          <li>
            <HostLook look={one.look} />
          </li>
        )}
        {one.sleepers.map((sleeper) => (
          <li key={`${sleeper.pid} ${sleeper.text}`}>
            <HostText value={sleeper.text} max={700} />
          </li>
        ))}
        {one.conflicts.map((conflict) => (
          <li key={`${conflict.kind} ${conflict.object} ${conflict.function}`}>
            <HostText value={conflict.text} max={700} />
          </li>
        ))}
        {one.unknown.map((sentence) => (
          <li key={sentence} className="text-ink-3">
            <HostText value={sentence} max={700} />
          </li>
        ))}
      </ul>
    </li>
  )
}
