import type { AuthorisationSummary, CommandView } from '@rebootless/shared/contract/commands-api.ts'
import { Link } from '@tanstack/react-router'
import { Check } from 'lucide-react'
import type { ReactNode } from 'react'
import { exactTime } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { CommandResultText } from './command-result.tsx'
import { CommandMark, isOver } from './command-state.tsx'

type Way = 'past' | 'now' | 'ahead'

/** The life of one command, step by step: what was, what is, what comes. */
export const CommandProgress = ({
  authorisation,
  command,
}: {
  authorisation: AuthorisationSummary
  command: CommandView
}) => {
  const { approvals, approvalsNeeded, state } = authorisation
  const over = isOver(command)
  const approved = approvals.length >= approvalsNeeded
  const passed = (at: string | null, before: boolean): Way => (at !== null ? 'past' : before && !over ? 'now' : 'ahead')
  const waits = command.state === 'waiting'
  return (
    <ol className="grid" aria-label="How far it is">
      <Step way="past" word="Asked for" at={authorisation.requestedAt}>
        by <HostText value={authorisation.requestedBy} max={64} />: <HostText value={authorisation.reason} max={1000} />
      </Step>
      <Step way={approved ? 'past' : over ? 'ahead' : 'now'} word="Approved" at={approvals.at(-1)?.signedAt ?? null}>
        {approvalsNeeded === 0 ? (
          'No approval is needed: the host is of class lab.'
        ) : (
          <>
            {approvals.length} of {approvalsNeeded} have signed
            {approvals.length === 0 ? null : (
              <>
                {': '}
                <HostText value={approvals.map(({ username }) => username).join(', ')} max={200} />
              </>
            )}
            {'. '}
            <Link to="/approvals/$id" params={{ id: authorisation.id }} className="quiet-link">
              {state === 'waiting' ? 'Its text, to be signed' : 'Its text'}
            </Link>
          </>
        )}
      </Step>
      <Step way={passed(command.sentAt, approved)} word="Sent" at={command.sentAt}>
        {approved && waits ? <CommandResultText command={command} /> : null}
      </Step>
      {command.state === 'refused' ? null : (
        <Step way={passed(command.startedAt, command.sentAt !== null)} word="Begun on the host" at={command.startedAt}>
          {command.sentAt !== null && command.startedAt === null && !over ? 'The host has yet to answer.' : null}
        </Step>
      )}
      {over ? (
        <Step
          way="past"
          mark={command.state === 'done' ? undefined : <CommandMark command={command} />}
          word="Done"
          at={command.endedAt}
        >
          <CommandResultText command={command} />
        </Step>
      ) : (
        <Step way={passed(null, command.startedAt !== null)} word="Done" at={null}>
          {command.startedAt === null ? null : <CommandResultText command={command} />}
        </Step>
      )}
    </ol>
  )
}

const Step = ({
  way,
  word,
  mark,
  at,
  children,
}: {
  way: Way
  word: string
  mark?: ReactNode
  at: string | null
  children?: ReactNode
}) => (
  <li aria-current={way === 'now' ? 'step' : undefined} className="flex gap-3 pb-3 last:pb-0">
    <span
      aria-hidden
      className={`${mark === undefined ? 'grid' : 'hidden'} mt-0.5 size-4 flex-none place-items-center rounded-full border ${way === 'past' ? 'border-ink bg-ink text-on-ink' : way === 'now' ? 'animate-shimmer border-2 border-ink' : 'border-line-3'}`}
    >
      {way === 'past' ? <Check size={10} strokeWidth={3} /> : null}
    </span>
    <div className="min-w-0 flex-1">
      <p className={`flex flex-wrap items-center gap-x-2 ${way === 'ahead' ? 'text-ink-3' : 'font-medium'}`}>
        {mark ?? word}
        {at === null ? null : (
          <span className="text-12 font-normal text-ink-3" title={exactTime(at)}>
            <TimeAgo at={at} suffix=" ago" />
          </span>
        )}
      </p>
      {children ? <div className="text-12 wrap-anywhere text-ink-3">{children}</div> : null}
    </div>
  </li>
)
