import type { ListedToken } from '@rebootless/shared/contract/enrolment.ts'
import type { TokenState } from '@rebootless/shared/domain/words.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { ProblemNotice } from '../../shell/problem-notice.tsx'
import { ReasonedAct } from '../../shell/reasoned-act.tsx'
import { Button } from '../../ui/button.tsx'
import { useNow } from '../../ui/clock.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { briefDuration, count, plural } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { joinTokensQuery } from './queries.ts'

const STATE_WORDS: Record<TokenState, string> = {
  open: 'Open',
  used: 'Used',
  ended: 'Ended',
  revoked: 'Revoked',
}

/** Join tokens of late, never the tokens themselves: open or not, by whom, and who came. */
export const TokenList = () => {
  const tokens = useQuery(joinTokensQuery)
  const [revoked, setRevoked] = useState<ListedToken | null>(null)
  if (tokens.isPending)
    return (
      <div aria-busy="true" className="grid gap-4 py-2">
        <Placeholder className="w-1/2" />
        <Placeholder className="w-2/3" />
      </div>
    )
  if (tokens.isError)
    return <ProblemNotice what="The join tokens" error={tokens.error} onRetry={() => void tokens.refetch()} />
  const { items } = tokens.data
  if (items.length === 0) return <p className="text-ink-3">Nobody has made a token yet.</p>
  return (
    <>
      <ul aria-label="Join tokens" className="divide-y divide-line border-y border-line">
        {items.map((token) => (
          <li key={token.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 py-2.5">
            <span className={`w-18 font-medium ${token.state === 'open' ? 'text-ink' : 'text-ink-3'}`}>
              {STATE_WORDS[token.state]}
            </span>
            <div className="min-w-0 flex-1 basis-60">
              <p>
                {token.uses === 1
                  ? 'For one host'
                  : `${count(token.uses - token.usesLeft)} of ${plural(token.uses, 'host')} came`}
                {', made by '}
                {token.createdBy} <TimeAgo at={token.createdAt} suffix=" ago" />
                <When token={token} />
              </p>
              <p className="flex flex-wrap gap-x-2 text-12 leading-6! text-ink-3">
                {Object.entries(token.labels).map(([key, value]) => (
                  <code key={key} className="mono text-[11px]">
                    <HostText value={`${key}:${value}`} max={80} />
                  </code>
                ))}
                <Came token={token} />
              </p>
            </div>
            {token.state === 'open' ? (
              <Button className="max-desk:ml-[88px]" onClick={() => setRevoked(token)}>
                Revoke…
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      {revoked === null ? null : <RevokeDialog token={revoked} onClose={() => setRevoked(null)} />}
    </>
  )
}

const RevokeDialog = ({ token, onClose }: { token: ListedToken; onClose: () => void }) => {
  const cache = useQueryClient()
  const revoke = useMutation({
    mutationFn: (reason: string) =>
      api.delete('/api/v1/enrolment-tokens/:id', { params: { id: token.id }, body: { reason } }),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: queryKeys.joinTokens })
      onClose()
    },
  })
  return (
    <Dialog label="Revoke the join token" onClose={onClose} className="max-w-[440px] overflow-y-auto">
      <DialogHead title="Revoke the join token" onClose={onClose} />
      <div className="grid gap-3 p-4">
        <p>
          The one that {token.createdBy} made <TimeAgo at={token.createdAt} suffix=" ago" />
          {Object.keys(token.labels).length === 0 ? null : (
            <>
              {' for '}
              <code className="mono text-[12px]">
                <HostText value={labelWords(token)} max={200} />
              </code>
            </>
          )}
          : {plural(token.usesLeft, 'more host')} could come by it, and no longer can. Hosts that came stay.
        </p>
        <ReasonedAct
          act="Revoke"
          dangerous
          lead="Not revoked."
          pending={revoke.isPending}
          error={revoke.error}
          onAct={revoke.mutate}
        />
      </div>
    </Dialog>
  )
}

const labelWords = ({ labels }: ListedToken): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}:${value}`)
    .join(' ')

const When = ({ token }: { token: ListedToken }) => {
  const now = useNow()
  if (token.state === 'open') return `, for ${briefDuration(Date.parse(token.expiresAt) - now)} more`
  return token.state === 'revoked' && token.revokedBy !== null ? `, revoked by ${token.revokedBy}` : null
}

const Came = ({ token }: { token: ListedToken }) => {
  const { hosts } = token
  const more = token.uses - token.usesLeft - hosts.length
  if (hosts.length === 0) return <span>nobody came</span>
  return (
    <>
      {hosts.map((host) =>
        host.there ? (
          <Link key={host.id} to="/hosts/$id" params={{ id: host.id }} className="quiet-link max-w-60 truncate">
            <HostText value={host.name} max={80} />
          </Link>
        ) : (
          <s key={host.id} title="removed since" className="max-w-60 truncate">
            <HostText value={host.name} max={80} />
          </s>
        ),
      )}
      {more > 0 ? <span>and {count(more)} more</span> : null}
    </>
  )
}
