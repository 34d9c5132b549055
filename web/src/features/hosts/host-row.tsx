// biome-ignore-all lint/a11y/useSemanticElements: a virtual table's rows are placed by hand, which table elements refuse
// biome-ignore-all lint/a11y/useFocusableInteractive: rows and cells of a read-only table take no focus, their links do
import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import { HOST_STATE_WORDS } from '@rebootless/shared/domain/state-words.ts'
import type { ProviderName } from '@rebootless/shared/domain/words.ts'
import { Link } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { useChangedAt } from '../../live/live-store.ts'
import { count, plural } from '../../ui/duration.ts'
import { HostText, visibleText } from '../../ui/host-text.tsx'
import { LastSeen } from '../../ui/last-seen.tsx'
import { OriginMark } from '../../ui/origin-mark.tsx'
import { QuarantineMark } from '../../ui/quarantine-mark.tsx'
import { RebootMark } from '../../ui/reboot-mark.tsx'
import { StateGlyph, StateLabel } from '../../ui/state-glyph.tsx'
import { TaskBar } from '../../ui/task-bar.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { gridOf } from './columns.ts'
import { ProviderWords } from './provider-cell.tsx'

/** Systems that never go through livepatch; kpatch's own core is told by a kernel that has none. */
const OUTSIDE: readonly string[] = ['ksplice', 'kernelcare', 'kgraft'] satisfies ProviderName[]

const NameLink = ({ host }: { host: HostSummary }) => (
  <Link
    to="/hosts/$id"
    params={{ id: host.id }}
    search={host.transition ? { tab: 'transition' } : {}}
    data-row-link
    className="truncate font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-ink"
  >
    <HostText value={host.name} max={80} />
  </Link>
)

/** A host in the wide table. */
export const HostRow = ({ host, withLabels }: { host: HostSummary; withLabels: boolean }) => {
  const changedAt = useChangedAt(host.id)
  const labels = Object.entries(host.labels)
  return (
    <div
      key={changedAt}
      className={`${gridOf(withLabels)} relative h-full border-b border-line transition-colors hover:bg-hover ${changedAt ? 'animate-mark' : ''}`}
      role="presentation"
    >
      <span role="cell" className="flex items-center" title={visibleText(host.stateReason, 500)}>
        <StateLabel state={host.state} />
      </span>
      <span role="cell" className="flex min-w-0 items-center gap-2">
        <NameLink host={host} />
        <QuarantineMark quarantined={host.quarantined} />
        <OriginMark origin={host.origin} brief />
      </span>
      <span role="cell" className="flex min-w-0 items-center gap-1.5">
        <span className="mono truncate text-[12px] text-ink-2">
          <HostText value={host.kernelRelease} max={80} />
        </span>
        <RebootMark answer={host.reboot} brief />
      </span>
      <span role="cell" className="flex min-w-0 items-center gap-1.5">
        <PatchNames host={host} />
      </span>
      <span role="cell">
        {host.transition ? (
          <TaskBar
            total={host.transition.tasksTotal}
            remaining={host.transition.tasksRemaining}
            target={host.transition.target}
          />
        ) : (
          <span className="text-ink-3" aria-hidden>
            –
          </span>
        )}
      </span>
      <span role="cell" className="flex min-w-0 items-center">
        <ExposureCell host={host} />
      </span>
      {withLabels ? <LabelCell labels={labels} /> : null}
      <span role="cell" className="flex min-w-0 items-baseline gap-1.5 text-12 text-ink-2 max-wide:hidden">
        <ProviderWords host={host} />
      </span>
      <span role="cell" className="text-right text-12 text-ink-3">
        <LastSeen at={host.lastSeenAt} regular={host.connected} />
      </span>
    </div>
  )
}

const LabelCell = ({ labels }: { labels: readonly (readonly [key: string, value: string])[] }) => (
  <span role="cell" className="flex min-w-0 items-center gap-1 overflow-hidden max-wide:hidden">
    {labels.slice(0, 2).map(([key, value]) => (
      <span
        key={key}
        title={visibleText(`${key}:${value}`)}
        className="mono max-w-[110px] min-w-12 truncate rounded-[4px] border border-line px-1 text-[11px] leading-[18px] text-ink-2"
      >
        <HostText value={`${key}:${value}`} max={40} />
      </span>
    ))}
    {labels.length > 2 ? <span className="text-12 text-ink-3">+{labels.length - 2}</span> : null}
  </span>
)

/** To how many CVEs it is exposed, the worst severity of them, and whether one of them is known to be exploited. */
const ExposureCell = ({ host: { exposure } }: { host: HostSummary }) => {
  if (exposure === null)
    return (
      <span className="text-12 text-ink-3" title="It was not judged yet">
        not judged
      </span>
    )
  // Where no feed tells, nothing is known, which is not the same as nothing being there.
  if (exposure.exposed === 0)
    return (
      <span
        className="text-12 text-ink-3"
        title={exposure.doubted ? 'Something lowers the certainty of it' : undefined}
      >
        none known
      </span>
    )
  const worst = exposure.worst === null || exposure.worst === 'unknown' ? 'not scored' : exposure.worst
  return (
    <span
      title={`Exposed to ${plural(exposure.exposed, 'CVE')}, the worst ${worst}${exposure.knownExploited > 0 ? `; ${count(exposure.knownExploited)} known to be exploited` : ''}${exposure.doubted ? '; something lowers the certainty of it' : ''}`}
      className="inline-flex items-center gap-1 text-12 whitespace-nowrap text-old-text"
    >
      <StateGlyph state="exposed" size={13} />
      {count(exposure.exposed)}
      <span className="text-ink-3">{worst}</span>
    </span>
  )
}

/** The patch that counts, by name, and how many more there are. */
const PatchNames = ({ host }: { host: HostSummary }) => {
  const inEffect = host.patches.filter((patch) => !['superseded', 'disabled', 'unknown'].includes(patch.state))
  // While one is under way it is the one that counts, whatever lies beneath it.
  const shown = inEffect.find((patch) => patch.name === host.transition?.patch) ?? inEffect.at(-1)
  if (!shown) return <NoPatchName host={host} />
  return (
    <>
      <span className="mono truncate text-[12px] text-ink-2">
        <HostText value={shown.name} max={64} />
      </span>
      {inEffect.length > 1 ? (
        <span className="flex-none text-12 text-ink-3" title={`${count(inEffect.length)} patches in effect`}>
          +{inEffect.length - 1}
        </span>
      ) : null}
    </>
  )
}

/** No livepatch is no answer where another system patches: its patches have no name in this list. */
const NoPatchName = ({ host }: { host: HostSummary }) => {
  const [working] = host.providers
  const elsewhere = working !== undefined && (OUTSIDE.includes(working) || !host.providers.includes('livepatch'))
  return elsewhere && host.patches.length === 0 ? (
    <span
      className="truncate text-12 text-ink-3"
      title="What is in this kernel is no livepatch: the host's Provider tab lists it."
    >
      see <HostText value={working} max={32} />
    </span>
  ) : (
    <span className="text-12 text-ink-3">{host.patches.length === 0 ? 'none' : 'none in effect'}</span>
  )
}

/** The same host at 390 px: what an on-call engineer needs of it. */
export const HostCard = ({ host }: { host: HostSummary }) => {
  const changedAt = useChangedAt(host.id)
  const { transition } = host
  return (
    <div
      key={changedAt}
      role="cell"
      className={`relative flex h-full items-center gap-3 border-b border-line px-4 ${changedAt ? 'animate-mark' : ''}`}
    >
      <StateGlyph state={host.state} size={18} />
      <div className="min-w-0 flex-1">
        <p className="flex items-center gap-2 text-14">
          <NameLink host={host} />
          <QuarantineMark quarantined={host.quarantined} />
          <OriginMark origin={host.origin} brief />
        </p>
        <p className="truncate text-12 text-ink-3">
          <StateWord host={host} />
          {transition
            ? `, ${count(transition.tasksRemaining)} of ${plural(transition.tasksTotal, 'task')} to switch`
            : ', '}
          {transition ? null : <HostText value={host.kernelRelease} max={40} />}
        </p>
        <p className="flex items-baseline gap-1.5 overflow-hidden text-12 whitespace-nowrap text-ink-3">
          <ProviderWords host={host} />
          <span className="self-center">
            <RebootMark answer={host.reboot} brief />
          </span>
        </p>
      </div>
      <span className="text-12 text-ink-3">
        <TimeAgo at={host.stateSince} />
      </span>
      <ChevronRight size={16} aria-hidden className="flex-none text-ink-4" />
    </div>
  )
}

const StateWord = ({ host }: { host: HostSummary }) => (
  <span className="font-medium text-ink-2">{HOST_STATE_WORDS[host.state].word}</span>
)
