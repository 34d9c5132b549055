import type { ApiToken } from '@rebootless/shared/contract/tokens.ts'
import { ROLE_WORDS } from '../../shell/role-words.ts'
import { ScopeText } from '../../shell/scope-text.tsx'
import { Button } from '../../ui/button.tsx'
import { useNow } from '../../ui/clock.ts'
import { dayOf, exactTime, fullDuration } from '../../ui/duration.ts'
import { HostText, visibleText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'

const CELL = 'py-2 pr-4 align-baseline'
const WIDE = 'max-desk:hidden'

/** A day is enough for an end further off. */
const SOON_MS = 2 * 24 * 60 * 60_000

const LastUsed = ({ at }: { at: string | null }) => (at === null ? 'never' : <TimeAgo at={at} suffix=" ago" />)

const End = ({ token, now }: { token: ApiToken; now: number }) => {
  if (token.endedAt !== null) return <span title={exactTime(token.endedAt)}>revoked {dayOf(token.endedAt)}</span>
  const left = Date.parse(token.expiresAt) - now
  return (
    <time dateTime={token.expiresAt} title={exactTime(token.expiresAt)}>
      {left <= 0
        ? `ended ${dayOf(token.expiresAt)}`
        : left < SOON_MS
          ? `in ${fullDuration(left)}`
          : dayOf(token.expiresAt)}
    </time>
  )
}

/** Tokens that work, and those that ended lately, so that a script which stopped can be explained. */
export const TokenTable = ({
  tokens,
  owners,
  onRevoke,
}: {
  tokens: readonly ApiToken[]
  /** Whether to say whose they are. */
  owners: boolean
  onRevoke: (token: ApiToken) => void
}) => {
  const now = useNow()
  return (
    <table className="w-full border-collapse">
      <caption className="sr-only">API tokens</caption>
      <thead>
        <tr className="border-b border-line text-12 text-ink-3">
          <th className="py-2 pr-4 font-medium">Name</th>
          {owners ? <th className={`py-2 pr-4 font-medium ${WIDE}`}>Of</th> : null}
          <th className={`py-2 pr-4 font-medium ${WIDE}`}>Role</th>
          <th className={`py-2 pr-4 font-medium ${WIDE}`}>Hosts</th>
          <th className={`py-2 pr-4 font-medium ${WIDE}`}>Last used</th>
          <th className="py-2 pr-4 font-medium">Ends</th>
          <th className="w-0 py-2">
            <span className="sr-only">Act</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {tokens.map((token) => {
          const works = token.endedAt === null && Date.parse(token.expiresAt) > now
          return (
            <tr key={token.id} className={`border-b border-line ${works ? '' : 'text-ink-3'}`}>
              <td className={CELL}>
                <span className="font-medium">
                  <HostText value={token.name} max={64} />
                </span>
                <span className="block text-12 text-ink-3 desk:hidden">
                  {owners ? `${token.username}; ` : ''}
                  {ROLE_WORDS[token.role].word.toLowerCase()}; <ScopeText scope={token.scope} />; used{' '}
                  <LastUsed at={token.lastUsedAt} />
                </span>
              </td>
              {owners ? <td className={`${CELL} ${WIDE}`}>{token.username}</td> : null}
              <td className={`${CELL} ${WIDE}`}>{ROLE_WORDS[token.role].word}</td>
              <td className={`${CELL} ${WIDE}`}>
                <ScopeText scope={token.scope} />
              </td>
              <td className={`${CELL} ${WIDE}`}>
                <LastUsed at={token.lastUsedAt} />
              </td>
              <td className={CELL}>
                <End token={token} now={now} />
              </td>
              <td className="py-1 text-right">
                {works ? (
                  <Button aria-label={`Revoke ${visibleText(token.name, 64)}`} onClick={() => onRevoke(token)}>
                    Revoke…
                  </Button>
                ) : null}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

export const TokensLoading = () => (
  <div aria-busy="true" className="divide-y divide-line border-b border-line">
    <p role="status" className="sr-only">
      The tokens are loading.
    </p>
    {['w-32', 'w-24', 'w-36'].map((width) => (
      <div key={width} className="flex h-10 items-center gap-8">
        <Placeholder className={width} />
        <Placeholder className="w-20" />
        <Placeholder className="w-40" />
      </div>
    ))}
  </div>
)
