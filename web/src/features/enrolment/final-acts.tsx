import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import { type UseMutationResult, useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api } from '../../api/client.ts'
import { OpenedAct } from '../../shell/opened-act.tsx'
import { ADMINS_ONLY, IdentityPart } from './identity-part.tsx'
import { useHostChange } from './use-host-change.ts'

/** An act that cannot be undone: opened first, then named and reasoned. */
const FinalPart = ({
  title,
  about,
  act,
  name,
  refusal,
  doIt,
}: {
  title: string
  about: string
  act: string
  name: string
  /** Why not; null: it can be done. */
  refusal: string | null
  doIt: UseMutationResult<unknown, Error, string>
}) => (
  <IdentityPart title={title}>
    <p className="text-ink-2">{about}</p>
    <OpenedAct
      opener={`${title}…`}
      {...{ act, name, refusal }}
      dangerous
      pending={doIt.isPending}
      error={doIt.error}
      onAct={doIt.mutate}
    />
  </IdentityPart>
)

export const RevokePart = ({
  host,
  name,
  admin,
  hasCertificate,
}: {
  host: HostDetail
  name: string
  admin: boolean
  hasCertificate: boolean
}) => {
  const onSuccess = useHostChange(host.id)
  const revoke = useMutation({
    mutationFn: (reason: string) =>
      api.post('/api/v1/hosts/:id/revoke-certificates', {
        params: { id: host.id },
        body: { reason, name: host.name },
      }),
    onSuccess,
  })
  return (
    <FinalPart
      title="Revoke its certificates"
      about="Cuts its link at once. What is known of it stays; it must enrol anew, and is another host then."
      act="Revoke"
      name={name}
      refusal={hasCertificate ? (admin ? null : ADMINS_ONLY) : 'It has none that holds.'}
      doIt={revoke}
    />
  )
}

export const RemovePart = ({ host, name, admin }: { host: HostDetail; name: string; admin: boolean }) => {
  const navigate = useNavigate()
  const remove = useMutation({
    mutationFn: (reason: string) =>
      api.delete('/api/v1/hosts/:id', { params: { id: host.id }, body: { reason, name: host.name } }),
    onSuccess: () => navigate({ to: '/hosts' }),
  })
  return (
    <FinalPart
      title="Remove the host"
      about="Cuts its link at once and forgets what was read of it; the audit log stays. Its id is never used again."
      act="Remove"
      name={name}
      refusal={admin ? null : ADMINS_ONLY}
      doIt={remove}
    />
  )
}
