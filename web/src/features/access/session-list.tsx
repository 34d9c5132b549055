import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Monitor, Smartphone } from 'lucide-react'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { ProblemNotice } from '../../shell/problem-notice.tsx'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { HostText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { browserOf } from './browser-words.ts'
import { type OpenSession, sessionsQuery } from './queries.ts'

const WAYS = { password: 'by password', link: 'by one-time link', 'single sign-on': 'by single sign-on' } as const

/** Where somebody is signed in, and the way to end that: one's own, or another's. */
export const SessionList = ({ user }: { user?: string }) => {
  const sessions = useQuery(sessionsQuery(user))
  const cache = useQueryClient()
  const end = useMutation({
    mutationFn: async (ended: readonly OpenSession[]) => {
      for (const { id } of ended) await api.delete('/api/v1/sessions/:id', { params: { id } })
    },
    onSettled: () => cache.invalidateQueries({ queryKey: queryKeys.sessions() }),
  })
  if (sessions.isPending) return <SessionsLoading />
  if (sessions.isError)
    return <ProblemNotice what="The sessions" error={sessions.error} onRetry={() => void sessions.refetch()} />
  const { items } = sessions.data
  const others = items.filter(({ current }) => !current)
  if (items.length === 0) return <p className="text-ink-3">Not signed in anywhere.</p>
  return (
    <div className="grid gap-3">
      <ul className="divide-y divide-line border-y border-line">
        {items.map((item) => (
          <SessionRow key={item.id} item={item} pending={end.isPending} onEnd={() => end.mutate([item])} />
        ))}
      </ul>
      {end.isError ? <Refusal error={end.error} lead="Not ended." /> : null}
      {others.length > 1 ? (
        <div>
          <Button size="large" disabled={end.isPending} onClick={() => end.mutate(others)}>
            {user === undefined ? `End the other ${others.length}` : `End all ${others.length}`}
          </Button>
        </div>
      ) : null}
    </div>
  )
}

const SessionRow = ({ item, pending, onEnd }: { item: OpenSession; pending: boolean; onEnd: () => void }) => {
  const browser = browserOf(item.userAgent)
  const Icon = browser.phone ? Smartphone : Monitor
  return (
    <li className="flex min-h-14 items-center gap-3 py-2">
      <Icon size={16} strokeWidth={1.75} aria-hidden className="flex-none text-ink-3" />
      <div className="min-w-0 flex-1">
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
        <Button aria-label={`End the session of ${browser.name}`} disabled={pending} onClick={onEnd}>
          End
        </Button>
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
