import type { WaitingHost } from '@rebootless/shared/contract/waiting-room.ts'
import { keyFingerprintText } from '@rebootless/shared/domain/key-fingerprint.ts'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ProblemNotice } from '../../shell/problem-notice.tsx'
import { Button } from '../../ui/button.tsx'
import { useNow } from '../../ui/clock.ts'
import { briefDuration } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { CommandText } from './command-text.tsx'
import { ApproveDialog, DenyDialog } from './decide-dialogs.tsx'
import { installCommand } from './install-command.ts'
import { enrolmentFactsQuery, waitingRoomQuery } from './queries.ts'

const FETCHED = 'The command is being fetched.'

/** Hosts that ask to be let in without a token. */
export const WaitingRoom = () => {
  const room = useQuery(waitingRoomQuery)
  const [deciding, setDeciding] = useState<{ act: 'approve' | 'deny'; host: WaitingHost } | null>(null)
  const done = () => setDeciding(null)
  return (
    <>
      <HowToAsk />
      <div className="mt-4">
        {room.isPending ? (
          <div aria-busy="true" className="py-2">
            <Placeholder className="w-1/2" />
          </div>
        ) : room.isError ? (
          <ProblemNotice what="The waiting room" error={room.error} onRetry={() => void room.refetch()} />
        ) : room.data.items.length === 0 ? (
          <p className="text-ink-3">No host waits. One that asks appears here within seconds.</p>
        ) : (
          <ul aria-label="Hosts that wait" className="divide-y divide-line border-y border-line">
            {room.data.items.map((host) => (
              <Waiting key={host.id} host={host} onDecide={(act) => setDeciding({ act, host })} />
            ))}
          </ul>
        )}
      </div>
      {deciding?.act === 'approve' ? <ApproveDialog host={deciding.host} onClose={done} /> : null}
      {deciding?.act === 'deny' ? <DenyDialog host={deciding.host} onClose={done} /> : null}
    </>
  )
}

/** From nothing to a host that waits. */
const HowToAsk = () => {
  const query = useQuery(enrolmentFactsQuery)
  const facts = query.data
  if (query.isError && facts === undefined)
    return <ProblemNotice what="The commands" error={query.error} onRetry={() => void query.refetch()} />
  return (
    <>
      <p className="text-ink-2">Install the agent on the host, as root:</p>
      <div className="mb-4 max-w-[720px]">
        <CommandText
          waitingFor={facts?.agentFile === null ? 'This server was started without a built agent.' : FETCHED}
          text={(facts && installCommand(facts)) ?? undefined}
        />
      </div>
      <p className="text-ink-2">Let it ask, as root, and wait there:</p>
      <div className="max-w-[720px]">
        <CommandText
          waitingFor={FETCHED}
          text={
            facts && `rebootless-agent enrol --server ${facts.server} --ca-fingerprint ${facts.authorityFingerprint}`
          }
        />
      </div>
    </>
  )
}

const Waiting = ({ host, onDecide }: { host: WaitingHost; onDecide: (act: 'approve' | 'deny') => void }) => {
  const now = useNow()
  return (
    <li className="flex animate-appear flex-wrap items-center gap-x-4 gap-y-2 py-2.5">
      <div className="min-w-0 flex-1 basis-72">
        <p className="truncate font-medium">
          <HostText value={host.name} max={80} />
        </p>
        <p className="mono text-[12px] text-ink-2 wrap-anywhere">{keyFingerprintText(host.keyFingerprint)}</p>
        <p className="text-12 text-ink-3">
          from {host.address}, asked first <TimeAgo at={host.askedAt} suffix=" ago" />, forgotten in{' '}
          {briefDuration(Date.parse(host.expiresAt) - now)}
        </p>
      </div>
      {host.state === 'waiting' ? (
        <div className="flex gap-2">
          <Button onClick={() => onDecide('approve')}>Let in…</Button>
          <Button onClick={() => onDecide('deny')}>Turn away…</Button>
        </div>
      ) : (
        <span className="text-12 text-ink-3">
          {host.state === 'approved' ? 'Let in' : 'Turned away'} by {host.decidedBy}
        </span>
      )}
    </li>
  )
}
