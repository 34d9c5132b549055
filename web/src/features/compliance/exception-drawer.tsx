import type { ComplianceException } from '@rebootless/shared/contract/compliance-policy.ts'
import type { Session } from '@rebootless/shared/contract/session.ts'
import { AUDITORS, isAmong } from '@rebootless/shared/domain/audiences.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { ReasonedAct } from '../../shell/reasoned-act.tsx'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { exactTime } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { ExceptionStateMark } from './exception-state.tsx'
import { ExceptionSubjectText, exceptionTitle } from './exception-subject.tsx'

const Fact = ({ word, children }: { word: string; children: ReactNode }) => (
  <div className="grid grid-cols-[104px_minmax(0,1fr)] gap-x-3 border-b border-line py-2">
    <dt className="text-ink-3">{word}</dt>
    <dd className="min-w-0">{children}</dd>
  </div>
)

/** Why whoever looks cannot approve it; null: he can. The server decides by the same. */
const approveRefusal = (exception: ComplianceException, session: Session | undefined): string | null => {
  if (!isAmong(session, AUDITORS)) return 'Approvers and admins of the whole fleet approve exceptions.'
  return session?.username === exception.requestedBy ? 'You asked for it: another person has to approve it.' : null
}

/** One exception, whole, and what can be done with it. */
export const ExceptionDrawer = ({
  exception,
  session,
  onClose,
}: {
  exception: ComplianceException
  session: Session | undefined
  onClose: () => void
}) => {
  const cache = useQueryClient()
  const [ending, setEnding] = useState(false)
  const { id, state, subject, hosts } = exception
  const settled = () => cache.invalidateQueries({ queryKey: queryKeys.compliance })
  const approve = useMutation({
    mutationFn: () => api.post('/api/v1/exceptions/:id/approve', { params: { id } }),
    onSuccess: settled,
  })
  const end = useMutation({
    mutationFn: (reason: string) => api.post('/api/v1/exceptions/:id/end', { params: { id }, body: { reason } }),
    onSuccess: async () => {
      await settled()
      setEnding(false)
    },
  })
  const waits = state === 'requested'
  const open = waits || state === 'in_effect'
  const refusal = approveRefusal(exception, session)
  const mayEnd =
    session?.scope === null &&
    (isAmong(session, AUDITORS) || (session.role === 'operator' && session.username === exception.requestedBy))
  const title = `Exception for ${exceptionTitle(subject)}`
  return (
    <Dialog
      label={title}
      onClose={onClose}
      className="mt-0! mr-0! h-dvh max-h-dvh! w-[min(520px,100vw)]! max-w-none! overflow-y-auto! rounded-none!"
    >
      <DialogHead title={title} onClose={onClose} />
      <div className="grid gap-4 p-4">
        <dl>
          <Fact word="State">
            <ExceptionStateMark state={state} />
          </Fact>
          <Fact word="What">
            <ExceptionSubjectText subject={subject} hosts={hosts} />
            {subject.kind === 'cve' ? (
              <Link to="/compliance/cves/$id" params={{ id: subject.cveId }} className="quiet-link block w-fit text-12">
                The CVE
              </Link>
            ) : null}
          </Fact>
          <Fact word="Until">
            <time dateTime={exception.until}>{exactTime(exception.until)}</time>
          </Fact>
          <Fact word="Owner">
            <HostText value={exception.owner} max={120} />
          </Fact>
          <Fact word="Why">
            <HostText value={exception.reason} max={1000} />
          </Fact>
          <Fact word="Asked by">
            {exception.requestedBy}, {exactTime(exception.requestedAt)}
          </Fact>
          {exception.approvedBy === null || exception.approvedAt === null ? null : (
            <Fact word="Approved by">
              {exception.approvedBy}, {exactTime(exception.approvedAt)}
            </Fact>
          )}
          {exception.endedBy === null || exception.endedAt === null ? null : (
            <Fact word={state === 'declined' ? 'Declined by' : 'Ended by'}>
              {exception.endedBy}, {exactTime(exception.endedAt)}
              {exception.endedReason === null ? null : (
                <span className="block text-ink-2">
                  <HostText value={exception.endedReason} max={1000} />
                </span>
              )}
            </Fact>
          )}
        </dl>
        {waits ? (
          <section aria-label="Approve" className="grid gap-2">
            <p className="text-ink-2">
              Once approved, what it names is shown as accepted and no more as open, in every number, until its end.
            </p>
            {approve.isError ? <Refusal error={approve.error} lead="Not approved." /> : null}
            <div className="flex flex-wrap items-center gap-3">
              <Button
                size="large"
                kind="primary"
                disabled={refusal !== null || approve.isPending}
                className="disabled:bg-sunken"
                onClick={() => approve.mutate()}
              >
                Approve it
              </Button>
              {refusal === null ? null : <span className="min-w-0 flex-1 text-12 text-ink-3">{refusal}</span>}
            </div>
          </section>
        ) : null}
        {!open || !mayEnd ? null : ending ? (
          <ReasonedAct
            act={waits ? 'Decline it' : 'End it now'}
            dangerous
            lead={waits ? 'Not declined.' : 'Not ended.'}
            pending={end.isPending}
            error={end.error}
            onAct={(reason) => end.mutate(reason)}
            onCancel={() => setEnding(false)}
          />
        ) : (
          <div>
            <Button size="large" kind="danger" onClick={() => setEnding(true)}>
              {waits ? 'Decline it…' : 'End it…'}
            </Button>
          </div>
        )}
      </div>
    </Dialog>
  )
}
