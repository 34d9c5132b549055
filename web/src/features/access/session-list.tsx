import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Monitor, Smartphone } from 'lucide-react'
import { useRef } from 'react'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { OpenedAct } from '../../shell/opened-act.tsx'
import { ProblemNotice } from '../../shell/problem-notice.tsx'
import { HostText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { browserOf } from './browser-words.ts'
import { type OpenSession, sessionsQuery } from './queries.ts'

const WAYS = { password: 'by password', link: 'by one-time link', 'single sign-on': 'by single sign-on' } as const

/** Where somebody is signed in, and the way to end that: one's own, or another's. */
export const SessionList = ({ user }: { user?: string }) => {
  const sessions = useQuery(sessionsQuery(user))
  const whole = useRef<HTMLDivElement>(null)
  if (sessions.isPending) return <SessionsLoading />
  if (sessions.isError)
    return <ProblemNotice what="The sessions" error={sessions.error} onRetry={() => void sessions.refetch()} />
  const { items } = sessions.data
  const others = items.filter(({ current }) => !current)
  // The row that had the focus goes with its session.
  const onEnded = () => whole.current?.focus({ preventScroll: true })
  return (
    <div ref={whole} tabIndex={-1} className="grid gap-3 outline-none">
      {items.length === 0 ? (
        <p className="text-ink-3">Not signed in anywhere.</p>
      ) : (
        <ul className="divide-y divide-line border-y border-line">
          {items.map((item) => (
            <SessionRow key={item.id} item={item} onEnded={onEnded} />
          ))}
        </ul>
      )}
      {others.length > 1 ? (
        <EndSessions
          sessions={others}
          opener={user === undefined ? `End the other ${others.length}…` : `End all ${others.length}…`}
          size="large"
          onEnded={onEnded}
        />
      ) : null}
    </div>
  )
}

const EndSessions = ({
  sessions,
  onEnded,
  ...opener
}: {
  sessions: readonly OpenSession[]
  opener: string
  openerName?: string
  size: 'small' | 'large'
  onEnded: () => void
}) => {
  const cache = useQueryClient()
  const end = useMutation({
    mutationFn: async (reason: string) => {
      for (const { id } of sessions) await api.delete('/api/v1/sessions/:id', { params: { id }, body: { reason } })
    },
    onSettled: () => cache.invalidateQueries({ queryKey: queryKeys.sessions() }),
    onSuccess: onEnded,
  })
  return (
    <OpenedAct
      {...opener}
      act={sessions.length === 1 ? 'End the session' : `End ${sessions.length} sessions`}
      lead="Not ended."
      pending={end.isPending}
      error={end.error}
      onAct={end.mutate}
    />
  )
}

const SessionRow = ({ item, onEnded }: { item: OpenSession; onEnded: () => void }) => {
  const browser = browserOf(item.userAgent)
  const Icon = browser.phone ? Smartphone : Monitor
  return (
    <li className="flex min-h-14 flex-wrap items-center gap-3 py-2">
      <Icon size={16} strokeWidth={1.75} aria-hidden className="flex-none text-ink-3" />
      <div className="min-w-0 flex-1 basis-40">
        <p className="flex flex-wrap items-center gap-x-2">
          <span className="font-medium" title={browser.title}>
            <HostText value={browser.name} max={80} />
          </span>
          {item.current ? (
            <span className="rounded-mark border border-line-2 px-1.5 text-11 text-ink-2">this browser</span>
          ) : null}
        </p>
        <p className="text-12 text-ink-3">
          {item.address === null ? null : (
            <>
              <span className="mono">
                <HostText value={item.address} max={60} />
              </span>
              {', '}
            </>
          )}
          used <TimeAgo at={item.lastUsedAt} suffix=" ago" />, signed in {WAYS[item.by]}{' '}
          <TimeAgo at={item.createdAt} suffix=" ago" />
        </p>
      </div>
      {item.current ? null : (
        <EndSessions
          sessions={[item]}
          opener="End…"
          openerName={`End the session of ${browser.name}`}
          size="small"
          onEnded={onEnded}
        />
      )}
    </li>
  )
}

const SessionsLoading = () => (
  <div aria-busy="true" className="divide-y divide-line border-y border-line">
    <p role="status" className="sr-only">
      The sessions are loading.
    </p>
    {['w-40', 'w-52'].map((width) => (
      <div key={width} className="grid min-h-14 content-center gap-2">
        <Placeholder className={width} />
        <Placeholder className="w-64" />
      </div>
    ))}
  </div>
)
