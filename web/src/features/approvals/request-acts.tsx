import type { AuthorisationDetail } from '@rebootless/shared/contract/commands-api.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { ReasonedAct } from '../../shell/reasoned-act.tsx'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { plural } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { useRequestChanged } from './sign-panel.tsx'

/** Taking a request back, and, where it was approved with it, its patch. */
export const RequestActs = ({ request }: { request: AuthorisationDetail }) => {
  const changed = useRequestChanged()
  const [reversing, setReversing] = useState(false)
  const { id } = request
  const cancel = useMutation({
    mutationFn: () => api.post('/api/v1/authorisations/:id/cancel', { params: { id } }),
    onSuccess: changed,
  })
  const open = request.state === 'waiting' || request.state === 'approved'
  const takesBack = request.action === 'load' || request.action === 'enable'
  if (!open && !takesBack) return null
  return (
    <div className="grid gap-3 border-b border-line px-6 py-4 max-desk:px-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        {open ? (
          <Act refusal={request.cannotCancel} pending={cancel.isPending} onAct={() => cancel.mutate()}>
            Cancel the request
          </Act>
        ) : null}
        {takesBack ? (
          <Act refusal={request.cannotReverse} pending={false} danger onAct={() => setReversing(true)}>
            Take it out again…
          </Act>
        ) : null}
      </div>
      {cancel.isError ? <Refusal error={cancel.error} lead="Not cancelled." /> : null}
      {reversing ? <ReverseDialog request={request} onClose={() => setReversing(false)} /> : null}
    </div>
  )
}

const Act = ({
  refusal,
  pending,
  danger = false,
  onAct,
  children,
}: {
  refusal: string | null
  pending: boolean
  danger?: boolean
  onAct: () => void
  children: string
}) => (
  <>
    <Button size="large" disabled={refusal !== null || pending} kind={danger ? 'danger' : 'plain'} onClick={onAct}>
      {children}
    </Button>
    {refusal === null ? null : (
      <span className="min-w-0 text-12 text-ink-3">
        <HostText value={refusal} max={300} />
      </span>
    )}
  </>
)

const ReverseDialog = ({ request, onClose }: { request: AuthorisationDetail; onClose: () => void }) => {
  const changed = useRequestChanged()
  const reverse = useMutation({
    mutationFn: (reason: string) =>
      api.post('/api/v1/authorisations/:id/reversal', { params: { id: request.id }, body: { reason } }),
    onSuccess: (next) => {
      changed(next)
      onClose()
    },
  })
  return (
    <Dialog label="Take it out again" onClose={onClose} className="max-w-[440px] overflow-y-auto">
      <DialogHead title="Take it out again" onClose={onClose} />
      <div className="grid gap-3 p-4">
        <p>
          <code className="mono">
            <HostText value={request.patch ?? 'The livepatch'} max={64} />
          </code>{' '}
          is taken out of every host that has it by this request, of {plural(request.hostCount, 'host')} at most. What
          it fixed is open again there. It was approved with the request, so nobody has to sign anew.
        </p>
        <ReasonedAct
          act="Take it out"
          name={String(request.hostCount)}
          touches="number of hosts"
          dangerous
          lead="Not taken out."
          pending={reverse.isPending}
          error={reverse.error}
          onAct={reverse.mutate}
        />
      </div>
    </Dialog>
  )
}
