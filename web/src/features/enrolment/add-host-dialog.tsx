import type { EnrolmentToken } from '@rebootless/shared/contract/enrolment.ts'
import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import { Link } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { useEnrolledSince } from '../../live/live-store.ts'
import { ProblemNotice } from '../../shell/problem-notice.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import { useNow } from '../../ui/clock.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { clockTime, fullDuration } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { StateGlyph, StateLabel } from '../../ui/state-glyph.tsx'

const RUN = 'rebootless-agent run'

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
  return (
    <Dialog label="Add a host" onClose={onClose} className="overflow-y-auto">
      <div className="flex items-center justify-between border-b border-line py-2 pr-2 pl-4">
        <h2 className="text-14">Add a host</h2>
        <IconButton aria-label="Close" onClick={onClose}>
          <X size={16} aria-hidden />
        </IconButton>
      </div>
      {error ? (
        <ProblemNotice what="A join token" error={error} onRetry={onAgain} />
      ) : (
        <>
          <ol className="grid gap-4 p-4">
            <li>
              <p>
                <b className="font-semibold">Make the host known.</b> On it, as root, with the agent's file in place:
              </p>
              <Command text={token?.command} secret />
              <Validity token={token} onAgain={onAgain} used={enrolled.length > 0} />
            </li>
            <li>
              <p>
                <b className="font-semibold">Start its agent,</b> best as a service that starts with the host:
              </p>
              <Command text={RUN} />
            </li>
          </ol>
          <div role="status" className="mx-4 flex min-h-13 items-center gap-3 border-t border-line pb-1">
            {enrolled.length === 0 ? (
              <>
                <StateGlyph state="stale" />
                <span className="text-ink-3">The host appears here as soon as it has enrolled.</span>
              </>
            ) : (
              <ul className="grid min-w-0 flex-1 gap-2">
                {enrolled.map((host) => (
                  <Enrolled key={host.id} host={host} onClose={onClose} />
                ))}
              </ul>
            )}
          </div>
        </>
      )}
    </Dialog>
  )
}

const Command = ({ text, secret = false }: { text: string | undefined; secret?: boolean }) => (
  <div className="mt-2 flex items-start gap-3 rounded-control bg-sunken p-3">
    {text === undefined ? (
      <span role="status" className="grid flex-1 gap-2 py-1.5">
        <span className="sr-only">The token is being made.</span>
        <Placeholder className="w-full" />
        <Placeholder className="w-2/3" />
      </span>
    ) : (
      <>
        <code className={`mono min-w-0 flex-1 py-1 text-[12px] wrap-anywhere ${secret ? 'select-all' : ''}`}>
          {text}
        </code>
        <CopyButton text={text} />
      </>
    )}
  </div>
)

/** How long the command holds; another one when it no longer does. */
const Validity = ({
  token,
  used,
  onAgain,
}: {
  token: EnrolmentToken | undefined
  used: boolean
  onAgain: () => void
}) => {
  const now = useNow()
  const left = token ? Date.parse(token.expiresAt) - now : 1
  if (token && (left <= 0 || used))
    return (
      <p className="mt-2 flex flex-wrap items-center gap-3 text-12 text-ink-3">
        {used ? 'The command has served.' : 'The command no longer holds.'}
        <Button onClick={onAgain}>Make another</Button>
      </p>
    )
  return (
    <p className="mt-2 min-h-4 text-12 text-ink-3">
      {token ? `It works once, until ${clockTime(token.expiresAt)}, for ${fullDuration(left)} more.` : ''}
    </p>
  )
}

const Enrolled = ({ host, onClose }: { host: HostSummary; onClose: () => void }) => (
  <li className="flex min-w-0 animate-appear items-center gap-3">
    <StateLabel state={host.state} />
    <Link to="/hosts/$id" params={{ id: host.id }} onClick={onClose} className="quiet-link min-w-0 truncate">
      <HostText value={host.name} max={80} />
    </Link>
    <span className="truncate text-12 text-ink-3">
      {host.readAt === null ? 'enrolled, its agent has not read it yet' : 'enrolled and read'}
    </span>
  </li>
)
