import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import { formatFilterWord } from '@rebootless/shared/domain/filter.ts'
import { REBOOT_WORDS } from '@rebootless/shared/domain/reboot-words.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useNow } from '../../ui/clock.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { dayOf, exactTime, fullDuration } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { LastSeen } from '../../ui/last-seen.tsx'
import { OriginMark } from '../../ui/origin-mark.tsx'
import { QuarantineMark } from '../../ui/quarantine-mark.tsx'
import { StateLabel } from '../../ui/state-glyph.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { oopsOfBoot } from './incident-step.ts'
import { workWords } from './provider-reports.ts'
import { hostKernelReadingsQuery } from './queries.ts'

/** Beyond this a host's own times mislead whoever compares them with ours. */
const SKEW_LARGE_MS = 2000
const CLASS_ABOUT = {
  observe: 'observes only',
  lab: 'lab class',
  production: 'production class',
}

/** `actions`: what can be done to the host from any tab. */
export const HostHeader = ({ host, actions }: { host: HostDetail; actions?: ReactNode }) => (
  <>
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-6 pt-4 pb-3.5 max-desk:px-4">
      <h2 className="min-w-0 text-20 font-semibold tracking-tight wrap-anywhere">
        <HostText value={host.name} max={255} />
      </h2>
      <StateLabel
        state={host.state}
        note={
          <>
            {' for '}
            <TimeAgo at={host.stateSince} full />
          </>
        }
      />
      <QuarantineMark quarantined={host.quarantined} />
      <OriginMark origin={host.origin} />
      <ul aria-label="Labels" className="flex min-w-0 flex-wrap gap-1">
        {Object.entries(host.labels).map(([key, value]) => (
          <li key={key} className="min-w-0 max-w-full">
            <Link
              to="/hosts"
              search={{ filter: formatFilterWord(`label.${key}`, value) }}
              className="mono block truncate rounded-[4px] border border-line px-1.5 text-[11px] leading-[18px] text-ink-2 transition-colors hover:border-line-3"
            >
              <HostText value={`${key}:${value}`} max={80} />
            </Link>
          </li>
        ))}
      </ul>
      <span className="ml-auto flex flex-wrap gap-2 max-desk:ml-0">
        {actions}
        <span className="max-desk:hidden">
          <CopyButton text={window.location.href} label="Copy link" />
        </span>
      </span>
    </div>
    <HostFacts host={host} />
  </>
)

/** An oops asks for a reboot whatever kernels are installed. */
const RebootFact = ({ host }: { host: HostDetail }) => {
  const hadOops = oopsOfBoot(useQuery(hostKernelReadingsQuery(host.id)).data) !== undefined
  const need = hadOops ? 'yes' : host.reboot
  // That nothing newer is installed does not say that nothing newer is needed.
  const isExposed = need === 'no' && (host.exposure?.exposed ?? 0) > 0
  return (
    <Fact
      word="Reboot"
      value={
        <span className={need === 'yes' ? 'font-medium text-old-text' : need === 'unknown' ? 'text-ink-3' : ''}>
          {isExposed ? 'not by its kernels' : REBOOT_WORDS[need].word.toLowerCase()}
        </span>
      }
      about={
        hadOops ? (
          'Its kernel had an oops since it booted.'
        ) : isExposed ? (
          <>
            For its open CVEs see{' '}
            <Link
              to="/compliance/reboots"
              search={{ filter: formatFilterWord('name', host.name) }}
              className="quiet-link"
            >
              Reboots
            </Link>
            . <HostText value={host.rebootNeed.reason} max={500} />
          </>
        ) : (
          <HostText value={host.rebootNeed.reason} max={500} />
        )
      }
    />
  )
}

const Fact = ({ word, value, about }: { word: string; value: ReactNode; about: ReactNode }) => (
  <div className="min-w-0 border-line py-3 desk:not-nth-[4n+1]:border-l desk:not-nth-[4n+1]:pl-4 desk:nth-[n+5]:border-t desk:pr-4">
    <dt className="text-11 font-medium text-ink-3">{word}</dt>
    <dd className="wrap-anywhere desk:truncate">{value}</dd>
    <dd className="line-clamp-2 text-12 text-ink-3">{about}</dd>
  </div>
)

const HostFacts = ({ host }: { host: HostDetail }) => {
  const now = useNow()
  const { kernel, clockSkewMs } = host
  const [working, ...others] = host.providers
  const skewed = clockSkewMs !== null && Math.abs(clockSkewMs) > SKEW_LARGE_MS
  return (
    <dl className="mx-6 grid border-t border-line max-desk:mx-4 grid-cols-2 max-desk:gap-x-4 desk:grid-cols-4">
      <Fact
        word="Kernel"
        value={
          <span className="mono text-[12px] font-medium">
            <HostText value={host.kernelRelease} max={128} />
          </span>
        }
        about={<HostText value={host.architecture} max={32} />}
      />
      <Fact
        word="Effective kernel"
        value={
          host.effectiveKernel === null ? (
            <span className="text-ink-3">not told</span>
          ) : (
            <span className="mono text-[12px] font-medium">
              <HostText value={host.effectiveKernel} max={128} />
            </span>
          )
        }
        about={
          host.effectiveKernel === null
            ? 'no system here names one'
            : host.effectiveKernel === host.kernelRelease
              ? 'the one that was booted'
              : 'whose fixes the running one has'
        }
      />
      <Fact
        word="Provider"
        value={
          working === undefined ? (
            'none found'
          ) : (
            <>
              <HostText value={working} max={32} />
              {others.length > 0 ? (
                <span className="text-ink-3">
                  , {others.length === 1 ? <HostText value={others[0] ?? ''} max={32} /> : `${others.length} more`}
                </span>
              ) : null}
            </>
          )
        }
        about={workWords(host)}
      />
      <RebootFact host={host} />
      <Fact
        word="System"
        value={
          host.operatingSystem === null ? (
            <span className="text-ink-3">not known</span>
          ) : (
            <HostText value={host.operatingSystem} max={128} />
          )
        }
        about={
          host.os?.versionId ? <HostText value={`version ${host.os.versionId}`} max={80} /> : 'os-release was not read'
        }
      />
      <Fact
        word="Up"
        value={
          kernel?.bootedAt ? (
            fullDuration(now - Date.parse(kernel.bootedAt))
          ) : (
            <span className="text-ink-3">not known</span>
          )
        }
        about={
          kernel?.bootedAt ? (
            <time dateTime={kernel.bootedAt} title={exactTime(kernel.bootedAt)}>
              since {dayOf(kernel.bootedAt)}
            </time>
          ) : (
            'its boot time was not read'
          )
        }
      />
      <Fact
        word="Agent"
        value={host.connected ? 'connected' : 'not connected'}
        about={
          <>
            <HostText value={host.agentVersion ?? 'version unknown'} max={40} />, {CLASS_ABOUT[host.hostClass]}
          </>
        }
      />
      <Fact
        word="Read"
        value={host.readAt === null ? 'never' : <TimeAgo at={host.readAt} suffix=" ago" />}
        about={
          skewed ? (
            <span className="font-medium text-old-text">
              its clock is {fullDuration(Math.abs(clockSkewMs))} {clockSkewMs > 0 ? 'ahead' : 'behind'}
            </span>
          ) : host.lastSeenAt === null ? (
            'never heard of'
          ) : (
            <>
              heard <LastSeen at={host.lastSeenAt} regular={host.connected} suffix=" ago" />
            </>
          )
        }
      />
    </dl>
  )
}
