import type { RebootDebtHost, RebootDebtReason, RebootPlan } from '@rebootless/shared/contract/reboot-debt.ts'
import { REASON_WORDS } from '@rebootless/shared/domain/reboot-debt/reason-words.ts'
import { REBOOT_WORDS } from '@rebootless/shared/domain/reboot-words.ts'
import { Link } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { HostText, visibleText } from '../../../ui/host-text.tsx'
import { Placeholder } from '../../../ui/notice.tsx'
import { OriginMark } from '../../../ui/origin-mark.tsx'
import { RebootMark } from '../../../ui/reboot-mark.tsx'
import { TimeAgo } from '../../../ui/time-ago.tsx'
import { CveText } from '../cve-text.tsx'
import { dayWord } from '../day.ts'

const GRID =
  'grid gap-x-4 px-6 max-desk:px-4 grid-cols-[auto_minmax(0,1fr)] desk:grid-cols-[auto_minmax(150px,1.2fr)_120px_minmax(0,2.2fr)_minmax(140px,0.7fr)]'

/** Hosts that need a boot, with why and when; whoever may plan chooses some. */
export const DebtRows = ({
  hosts,
  chosen,
  onChoose,
}: {
  hosts: readonly RebootDebtHost[]
  chosen: ReadonlySet<string>
  /** Undefined: whoever looks plans nothing. */
  onChoose: ((id: string, on: boolean) => void) | undefined
}) => (
  <div>
    <div
      aria-hidden
      className={`${GRID} h-8 items-center border-b border-line text-11 font-medium text-ink-3 max-desk:hidden`}
    >
      <span className={onChoose === undefined ? '' : 'w-3.5'} />
      <span>Host</span>
      <span>Reboot</span>
      <span>Why</span>
      <span>Planned</span>
    </div>
    <ul aria-label="Hosts that need a boot">
      {hosts.map((host) => (
        <li
          key={host.id}
          className={`${GRID} min-h-12 items-start gap-y-1.5 border-b border-line py-2.5 transition-colors hover:bg-hover`}
        >
          {onChoose === undefined ? (
            <span />
          ) : (
            <label className="relative flex h-5 items-center touch:after:absolute touch:after:-inset-3.5">
              <span className="sr-only">Choose {visibleText(host.name, 80)}</span>
              <input
                type="checkbox"
                checked={chosen.has(host.id)}
                onChange={({ target: { checked } }) => onChoose(host.id, checked)}
                className="size-3.5 accent-ink"
              />
            </label>
          )}
          <div className="min-w-0">
            <p className="flex min-w-0 items-center gap-2">
              <Link to="/hosts/$id" params={{ id: host.id }} data-row-link className="quiet-link truncate font-medium">
                <HostText value={host.name} max={120} />
              </Link>
              <OriginMark origin={host.origin} />
            </p>
            <p className="mono truncate text-[11.5px] text-ink-3">
              <HostText value={host.kernelRelease} max={80} />
            </p>
          </div>
          <p className="max-desk:col-start-2 max-desk:empty:hidden" title={REBOOT_WORDS[host.answer].meaning}>
            {host.answer === 'yes' || host.answer === 'yes_but_covered' ? (
              <RebootMark answer={host.answer} />
            ) : (
              <span className="text-12 text-ink-3">{REBOOT_WORDS[host.answer].word}</span>
            )}
          </p>
          <Reasons reasons={host.reasons} />
          <div className="min-w-0 max-desk:col-start-2">
            <Plan plan={host.plan} />
          </div>
        </li>
      ))}
    </ul>
  </div>
)

/** What weighs most, and folded behind it what else does. */
const Reasons = ({ reasons: [first, ...others] }: Pick<RebootDebtHost, 'reasons'>) => (
  <div className="min-w-0 max-desk:col-start-2">
    {first === undefined ? null : (
      <ul aria-label="Why">
        <Reason reason={first} />
      </ul>
    )}
    {others.length === 0 ? null : (
      <details className="group mt-0.5 text-12">
        <summary className="flex w-fit cursor-pointer list-none items-center gap-1 text-ink-3 hover:text-ink touch:min-h-11 [&::-webkit-details-marker]:hidden">
          <ChevronRight size={12} aria-hidden className="flex-none transition-transform group-open:rotate-90" />
          Also: {others.map(({ reason }) => REASON_WORDS[reason].word).join(', ')}
        </summary>
        <ul aria-label="Why else" className="mt-1 grid gap-y-1 pl-4">
          {others.map((reason) => (
            <Reason key={reason.reason} reason={reason} />
          ))}
        </ul>
      </details>
    )}
  </div>
)

const Reason = ({ reason: { reason, since, sinceIs, why, cves } }: { reason: RebootDebtReason }) => {
  const more = cves !== null && cves.count > 3 ? ` The worst: ${cves.worst.join(', ')}.` : ''
  return (
    <li className="min-w-0 text-12">
      <span className="font-medium">{REASON_WORDS[reason].word}</span>
      <span className="text-ink-3">
        {' '}
        for <TimeAgo at={since} suffix={sinceIs === 'seen' ? ' at least' : ''} />
      </span>
      <span className="block text-ink-2 wrap-anywhere">
        <CveText value={`${why}${more}`} max={700} />
      </span>
    </li>
  )
}

const Plan = ({ plan }: { plan: RebootPlan | null }) =>
  plan === null ? (
    <p className="text-12 text-ink-3">
      <PlannedWord />
      no date
    </p>
  ) : (
    <p className="text-12" title={`${visibleText(plan.reason, 300)} – set by ${visibleText(plan.setBy, 80)}`}>
      <PlannedWord />
      <span className={plan.overdue ? 'font-medium text-old-text' : 'font-medium'}>
        {dayWord(plan.on)}
        {plan.overdue ? ', overdue' : ''}
      </span>
      <span className="block wrap-anywhere text-ink-2">
        <HostText value={plan.owner} max={120} />
      </span>
    </p>
  )

/** What the head of the column says where there is one. */
const PlannedWord = () => <span className="text-ink-3 desk:hidden">Planned: </span>

/** While another part of the list comes. */
export const DebtRowsLoading = () => (
  <div aria-busy="true">
    <p role="status" className="sr-only">
      The hosts are loading.
    </p>
    <PlaceholderRows />
  </div>
)

export const PlaceholderRows = () =>
  ['w-40', 'w-56', 'w-48', 'w-52'].map((width) => (
    <div key={width} className="flex h-16 items-center gap-8 border-b border-line px-6 max-desk:px-4">
      <Placeholder className={width} />
      <Placeholder className="w-24 max-desk:hidden" />
      <Placeholder className="w-80 max-desk:hidden" />
    </div>
  ))
