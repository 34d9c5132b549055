import type { AlertDetail, AlertLastTime } from '@rebootless/shared/contract/alerts.ts'
import { Link, useRouter } from '@tanstack/react-router'
import { buttonClass } from '../../ui/button.tsx'
import { count, exactTime } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { Section } from '../../ui/section.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'

const MEMBERS_SHOWN = 50

const PLACES: readonly (readonly [path: string, word: string])[] = [
  ['/hosts', 'See the hosts'],
  ['/rollouts/', 'See the rollout'],
  ['/compliance/cves/', 'See the CVE'],
  ['/compliance/exceptions', 'See the exceptions'],
  ['/approvals', 'See what waits'],
  ['/settings/channels', 'See the channels'],
  ['/settings/cve-feeds', 'See the feeds'],
  ['/settings/enrolment', 'See the certificates'],
  ['/settings/account', 'See your browsers'],
]

/** Where the cause is looked into: a page of this server, which the alert names. */
export const LookLink = ({ path }: { path: string }) => {
  const { parseSearch } = useRouter().options
  const [pathname = '/', query = ''] = path.split('?')
  return (
    <Link to={pathname as '/hosts'} search={parseSearch(query) as never} className={buttonClass('plain', 'large')}>
      {PLACES.find(([start]) => pathname.startsWith(start))?.[1] ?? 'Look into it'}
    </Link>
  )
}

/** Which hosts have it, the longest first, and which no longer. */
export const AlertHosts = ({ alert: { members, hostCount } }: { alert: AlertDetail }) => {
  const still = members.filter(({ until }) => until === null).length
  return (
    <Section
      title="Hosts"
      about={
        still === members.length
          ? null
          : still === 0
            ? hostCount === 1
              ? 'It does not have it any more.'
              : `None of the ${count(hostCount)} has it any more.`
            : `${count(still)} of ${count(hostCount)} ${still === 1 ? 'has' : 'have'} it still.`
      }
    >
      <ul aria-label="Hosts" className="grid gap-y-1.5">
        {members.slice(0, MEMBERS_SHOWN).map(({ id, name, since, until }) => (
          <li key={id} className="flex min-w-0 items-baseline gap-3 touch:min-h-11 touch:items-center">
            <Link
              to="/hosts/$id"
              params={{ id }}
              className="min-w-0 truncate font-medium hover:underline touch:flex touch:min-h-11 touch:items-center"
            >
              <HostText value={name} max={80} />
            </Link>
            <span className="ml-auto text-12 whitespace-nowrap text-ink-3">
              {until === null ? (
                <>
                  for <TimeAgo at={since} />
                </>
              ) : (
                'no more'
              )}
            </span>
          </li>
        ))}
      </ul>
      {hostCount > MEMBERS_SHOWN ? (
        <p className="mt-2 text-12 text-ink-3">The first {MEMBERS_SHOWN}, longest first.</p>
      ) : null}
    </Section>
  )
}

/** What became of the same cause when it was there before. */
export const LastTime = ({ lastTime: { id, resolvedAt, done, acknowledged } }: { lastTime: AlertLastTime }) => (
  <Section
    title="Last time"
    about={
      <>
        It was over <TimeAgo at={resolvedAt} suffix=" ago" />, {exactTime(resolvedAt)}.
      </>
    }
  >
    <div className="grid max-w-[72ch] justify-items-start gap-2 wrap-anywhere">
      {done === null ? (
        <p className="text-ink-3">Nobody wrote down what was done.</p>
      ) : (
        <p>
          <span className="text-ink-3">Done:</span> <HostText value={done} max={2000} />
        </p>
      )}
      {acknowledged?.note == null ? null : (
        <p>
          <span className="text-ink-3">
            <HostText value={acknowledged.by} max={80} /> noted:
          </span>{' '}
          <HostText value={acknowledged.note} max={2000} />
        </p>
      )}
      <Link to="/alerts/$id" params={{ id }} className="quiet-link text-12 touch:py-3">
        The alert of that time
      </Link>
    </div>
  </Section>
)

/** Before the first answer, in its final geometry. */
export const AlertLoading = () => (
  <div aria-busy="true">
    <p role="status" className="sr-only">
      The alert is loading.
    </p>
    <div className="grid grid-cols-1 gap-4 border-b border-line px-6 py-5 max-desk:px-4">
      <Placeholder className="my-1 w-52" />
      <Placeholder className="my-1 h-4 w-[32em]" />
      <div className="flex gap-2">
        <Placeholder className="h-8 w-28" />
        <Placeholder className="h-8 w-28" />
      </div>
    </div>
    <div className="desk:grid desk:grid-cols-[minmax(0,1.35fr)_minmax(0,1fr)] desk:divide-x desk:divide-line">
      {['w-20', 'w-16'].map((width) => (
        <div key={width} className="grid grid-cols-1 content-start gap-4 px-6 py-6 max-desk:px-4">
          <Placeholder className={width} />
          <Placeholder className="w-80" />
          <Placeholder className="w-72" />
          <Placeholder className="w-64" />
        </div>
      ))}
    </div>
  </div>
)
