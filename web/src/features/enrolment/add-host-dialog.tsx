import type { EnrolmentToken } from '@rebootless/shared/contract/enrolment.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEnrolledSince } from '../../live/live-store.ts'
import { ProblemNotice } from '../../shell/problem-notice.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { enrolmentFactsQuery } from './queries.ts'
import { NewHosts, SetUpSteps } from './set-up-steps.tsx'
import { useServed } from './use-served.ts'

/** What to type on the host, how long it holds, and the host as soon as it is there. */
export default function AddHostDialog({
  token,
  error,
  openedAt,
  onAgain,
  onClose,
}: {
  token: EnrolmentToken | undefined
  error: Error | null
  openedAt: number
  onAgain: () => void
  onClose: () => void
}) {
  const enrolled = useEnrolledSince(openedAt)
  const facts = useQuery(enrolmentFactsQuery).data
  const served = useServed(token, enrolled)
  return (
    <Dialog label="Add a host" onClose={onClose} className="overflow-y-auto">
      <DialogHead title="Add a host" onClose={onClose} />
      {error ? (
        <ProblemNotice what="A join token" error={error} onRetry={onAgain} />
      ) : (
        <>
          <div className="p-4">
            <SetUpSteps token={token} facts={facts} served={served} onAgain={onAgain} />
            <p className="mt-4 text-12 text-ink-3">
              For several hosts, with labels, or without a token:{' '}
              <Link to="/settings/enrolment" onClick={onClose} className="quiet-link">
                Settings, Enrolment
              </Link>
            </p>
          </div>
          <div className="mx-4 border-t border-line pb-1">
            <NewHosts hosts={enrolled} onLeave={onClose} />
          </div>
        </>
      )}
    </Dialog>
  )
}
