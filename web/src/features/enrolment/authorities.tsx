import type { ListedAuthority } from '@rebootless/shared/contract/certificate-authorities.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { ProblemNotice } from '../../shell/problem-notice.tsx'
import { ReasonedAct } from '../../shell/reasoned-act.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { count, dayOf, plural } from '../../ui/duration.ts'
import { Placeholder } from '../../ui/notice.tsx'
import { authoritiesQuery } from './queries.ts'

/** Who signs agents' certificates, and how far a change of it has come. */
export const Authorities = () => {
  const authorities = useQuery(authoritiesQuery)
  const [open, setOpen] = useState<'make' | 'retire' | null>(null)
  if (authorities.isPending)
    return (
      <div aria-busy="true" className="py-2">
        <Placeholder className="w-1/2" />
      </div>
    )
  if (authorities.isError)
    return (
      <ProblemNotice
        what="The certificate authorities"
        error={authorities.error}
        onRetry={() => void authorities.refetch()}
      />
    )
  const [old, next] = authorities.data.items
  if (old === undefined) return null
  const all = authorities.data.items.reduce((sum, { hosts }) => sum + hosts, 0)
  return (
    <>
      <dl className="grid max-w-[720px] gap-3">
        <Authority authority={old} word={next === undefined ? 'Now' : 'Old'} />
        {next === undefined ? null : <Authority authority={next} word="New" />}
      </dl>
      {next === undefined ? (
        <div className="mt-4">
          <Button size="large" onClick={() => setOpen('make')}>
            Replace the authority…
          </Button>
        </div>
      ) : (
        <div className="mt-4 grid max-w-[720px] gap-3">
          <p role="status">
            <b className="font-semibold">
              {count(next.hosts)} of {plural(all, 'host')} {next.hosts === 1 ? 'trusts' : 'trust'} the new authority.
            </b>{' '}
            <span className="text-ink-2">
              {old.hosts === 0
                ? 'None knows the old one alone any more: it can be retired.'
                : 'Hosts learn it while they are connected, and renew their certificates within a minute.'}
            </span>
          </p>
          <progress
            aria-label="Hosts that trust the new authority"
            max={Math.max(1, all)}
            value={next.hosts}
            className="h-1.5 w-full appearance-none overflow-hidden rounded-mark bg-line [&::-moz-progress-bar]:bg-new-fill [&::-webkit-progress-bar]:bg-line [&::-webkit-progress-value]:bg-new-fill"
          />
          <div>
            <Button size="large" onClick={() => setOpen('retire')}>
              Retire the old authority…
            </Button>
          </div>
        </div>
      )}
      {open === 'make' ? <MakeDialog onClose={() => setOpen(null)} /> : null}
      {open === 'retire' ? <RetireDialog authority={old} onClose={() => setOpen(null)} /> : null}
    </>
  )
}

const Authority = ({ authority, word }: { authority: ListedAuthority; word: string }) => (
  <div className="min-w-0">
    <dt className="text-11 font-medium text-ink-3">
      {word}, until {dayOf(authority.expiresAt)}, {plural(authority.hosts, 'host')}
    </dt>
    <dd className="mono text-[12px] text-ink-2 wrap-anywhere">{hexOf(authority.fingerprint)}</dd>
  </div>
)

/** Base64url as in join tokens; in hex as `rebootless-agent enrol --ca-fingerprint` is shown on this page. */
const hexOf = (fingerprint: string): string =>
  Array.from(atob(fingerprint.replaceAll('-', '+').replaceAll('_', '/')), (one) =>
    one.charCodeAt(0).toString(16).padStart(2, '0'),
  ).join('')

const useChanged = (onClose: () => void) => {
  const cache = useQueryClient()
  return () => {
    void cache.invalidateQueries({ queryKey: queryKeys.enrolmentFacts })
    onClose()
  }
}

const MakeDialog = ({ onClose }: { onClose: () => void }) => {
  const onSuccess = useChanged(onClose)
  const make = useMutation({
    mutationFn: (reason: string) => api.post('/api/v1/certificate-authorities', { body: { reason } }),
    onSuccess,
  })
  return (
    <Dialog label="Replace the authority" onClose={onClose} className="overflow-y-auto">
      <DialogHead title="Replace the authority" onClose={onClose} />
      <div className="grid gap-4 p-4">
        <p className="text-ink-2">
          A new authority is made beside the old one. Connected hosts learn to trust both and get certificates of the
          new one; nothing is interrupted. When all have, retire the old one here.
        </p>
        <ReasonedAct act="Make a new authority" pending={make.isPending} error={make.error} onAct={make.mutate} />
      </div>
    </Dialog>
  )
}

const RetireDialog = ({ authority, onClose }: { authority: ListedAuthority; onClose: () => void }) => {
  const onSuccess = useChanged(onClose)
  const retire = useMutation({
    mutationFn: (reason: string) =>
      api.post('/api/v1/certificate-authorities/:fingerprint/retire', {
        params: { fingerprint: authority.fingerprint },
        body: { reason, hostsLeftBehind: authority.hosts },
      }),
    onSuccess,
  })
  return (
    <Dialog label="Retire the old authority" onClose={onClose} className="overflow-y-auto">
      <DialogHead title="Retire the old authority" onClose={onClose} />
      <div className="grid gap-4 p-4">
        <p className="text-ink-2">
          Its key is destroyed, and every certificate that it signed ends.{' '}
          {authority.hosts === 0 ? (
            'No host depends on it any more.'
          ) : (
            <b className="font-semibold text-danger-text">
              {plural(authority.hosts, 'host')} would be cut off and must enrol anew.
            </b>
          )}{' '}
          Join tokens made until now no longer hold.
        </p>
        <ReasonedAct
          act="Retire the old authority"
          {...(authority.hosts === 0 ? {} : { name: String(authority.hosts), touches: 'number of hosts' })}
          dangerous
          pending={retire.isPending}
          error={retire.error}
          onAct={retire.mutate}
        />
      </div>
    </Dialog>
  )
}
