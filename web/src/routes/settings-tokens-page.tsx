import type { ApiToken } from '@rebootless/shared/contract/tokens.ts'
import { FLEET_ADMINS, isAmong } from '@rebootless/shared/domain/audiences.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { sessionQuery } from '../features/access/queries.ts'
import { NewTokenDialog } from '../features/tokens/new-token-dialog.tsx'
import { apiTokensQuery } from '../features/tokens/queries.ts'
import { RevokeTokenDialog } from '../features/tokens/revoke-token-dialog.tsx'
import { TokensLoading, TokenTable } from '../features/tokens/token-table.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { Button } from '../ui/button.tsx'
import { Section } from '../ui/section.tsx'
import { Segmented } from '../ui/segmented.tsx'

const route = getRouteApi('/signed-in/settings/tokens')

export const SettingsTokensPage = () => {
  usePageTitle('API tokens')
  const session = useQuery(sessionQuery).data
  const mayAll = isAmong(session, FLEET_ADMINS)
  const of = route.useSearch().of === 'all' && mayAll ? 'all' : 'own'
  const tokens = useQuery(apiTokensQuery(of))
  const navigate = useNavigate({ from: '/settings/tokens' })
  const [making, setMaking] = useState(false)
  const [revoked, setRevoked] = useState<ApiToken | null>(null)
  return (
    <>
      <Section
        title="API tokens"
        about="What scripts sign in with, instead of a password. A token may do no more than whoever made it, now and later, and never approves."
        actions={
          <>
            {mayAll ? (
              <Segmented
                label="Whose tokens"
                value={of}
                onChange={(value) =>
                  void navigate({ search: value === 'all' ? { of: 'all' } : {}, resetScroll: false })
                }
                segments={[
                  { value: 'own', label: 'Yours' },
                  { value: 'all', label: 'Everybody’s' },
                ]}
              />
            ) : null}
            <Button size="large" kind="primary" onClick={() => setMaking(true)}>
              <Plus size={14} aria-hidden />
              Make a token
            </Button>
          </>
        }
      >
        {tokens.isPending ? (
          <TokensLoading />
        ) : tokens.isError ? (
          <ProblemNotice what="The tokens" error={tokens.error} onRetry={() => void tokens.refetch()} />
        ) : tokens.data.items.length === 0 ? (
          <p className="text-ink-2">
            {of === 'all' ? 'Nobody has made a token yet.' : 'You have made no token yet.'} A script that asks for
            hosts, or a dashboard of your own, needs one.
          </p>
        ) : (
          <TokenTable tokens={tokens.data.items} owners={of === 'all'} onRevoke={setRevoked} />
        )}
      </Section>
      {making && session ? <NewTokenDialog session={session} onClose={() => setMaking(false)} /> : null}
      {revoked ? <RevokeTokenDialog token={revoked} onClose={() => setRevoked(null)} /> : null}
    </>
  )
}
