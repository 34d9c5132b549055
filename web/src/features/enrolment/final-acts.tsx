import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { ReasonedAct } from '../../shell/reasoned-act.tsx'
import { Button } from '../../ui/button.tsx'
import { ADMINS_ONLY, IdentityPart } from './identity-part.tsx'
import { useHostChange } from './use-host-change.ts'

/** An act that cannot be undone: opened first, then named and reasoned. */
const FinalPart = ({
  title,
  about,
  act,
  name,
  admin,
  doIt,
}: {
  title: string
  about: string
  act: string
  name: string
  admin: boolean
  doIt: { isPending: boolean; error: Error | null; mutate: (reason: string) => void }
}) => {
  const [asked, setAsked] = useState(false)
  return (
    <IdentityPart title={title}>
      <p className="text-ink-2">{about}</p>
      {asked ? (
        <ReasonedAct act={act} name={name} dangerous pending={doIt.isPending} error={doIt.error} onAct={doIt.mutate} />
      ) : (
        <div className="flex items-center gap-3">
          <Button size="large" disabled={!admin} onClick={() => setAsked(true)}>
            {title}…
          </Button>
          {admin ? null : <span className="text-12 text-ink-3">{ADMINS_ONLY}</span>}
        </div>
      )}
    </IdentityPart>
  )
}

export const RevokePart = ({ host, name, admin }: { host: HostDetail; name: string; admin: boolean }) => {
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
      {...{ name, admin }}
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
      {...{ name, admin }}
      doIt={remove}
    />
  )
}
