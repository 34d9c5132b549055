import type { FleetFreeze } from '@rebootless/shared/contract/commands-api.ts'
import type { Session } from '@rebootless/shared/contract/session.ts'
import { isLiftAsked } from '@rebootless/shared/domain/freeze-lift.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { announce } from '../../live/announcer.ts'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { useNow } from '../../ui/clock.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { Field } from '../../ui/field.tsx'
import { HostText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { freezeQuery } from './queries.ts'

/** Stops all changes, or lets them go on: whichever is the other now. */
export default function FreezeDialog({ session, onClose }: { session: Session; onClose: () => void }) {
  const freeze = useQuery(freezeQuery)
  const title = freeze.data?.frozen ? 'Let changes go on' : 'Stop all changes'
  return (
    <Dialog label={title} onClose={onClose} className="max-w-[480px] overflow-y-auto">
      <DialogHead title={title} onClose={onClose} />
      <div className="grid gap-4 p-4">
        {freeze.data === undefined ? (
          freeze.isError ? (
            <Refusal error={freeze.error} lead="Not known whether changes are stopped." />
          ) : (
            <div aria-busy="true">
              <Placeholder className="w-72" />
            </div>
          )
        ) : freeze.data.frozen ? (
          <Lift freeze={freeze.data} session={session} onClose={onClose} />
        ) : (
          <Stop session={session} onClose={onClose} />
        )}
      </div>
    </Dialog>
  )
}

const useFreezeChanged = () => {
  const cache = useQueryClient()
  return (freeze: FleetFreeze) => cache.setQueryData(queryKeys.freeze, freeze)
}

const Stop = ({ session, onClose }: { session: Session; onClose: () => void }) => {
  const [reason, setReason] = useState('')
  const changed = useFreezeChanged()
  const stop = useMutation({
    mutationFn: () => api.post('/api/v1/fleet/freeze', { body: { reason: reason.trim() } }),
    onSuccess: (freeze) => {
      changed(freeze)
      announce('All changes are stopped')
      onClose()
    },
  })
  const missing =
    session.role === 'viewer'
      ? 'This needs the role operator.'
      : reason.trim() === ''
        ? 'A reason is missing.'
        : undefined
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (missing === undefined && !stop.isPending) stop.mutate()
      }}
    >
      <p className="text-ink-2">
        From then on no command is sent to any host, whoever has approved it, and each agent refuses those on their way.
        A transition that runs already goes on. It needs no approval; to let changes go on again takes two people.
      </p>
      <Field label="Reason" hint="It stands on every page, and in the audit log.">
        {(control) => (
          <input
            {...control}
            data-autofocus
            value={reason}
            maxLength={500}
            autoComplete="off"
            onChange={(event) => setReason(event.target.value)}
          />
        )}
      </Field>
      {stop.isError ? <Refusal error={stop.error} lead="Not stopped." /> : null}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" size="large" kind="danger" disabled={missing !== undefined || stop.isPending}>
          Stop all changes
        </Button>
        {missing === undefined ? null : <span className="text-12 text-ink-3">{missing}</span>}
      </div>
    </form>
  )
}

const Lift = ({ freeze, session, onClose }: { freeze: FleetFreeze; session: Session; onClose: () => void }) => {
  const now = useNow()
  const changed = useFreezeChanged()
  const asker = isLiftAsked(freeze.liftAskedAt === null ? null : Date.parse(freeze.liftAskedAt), now)
    ? freeze.liftAskedBy
    : null
  const lift = useMutation({
    mutationFn: () => api.post('/api/v1/fleet/unfreeze', {}),
    onSuccess: (next) => {
      changed(next)
      announce(next.frozen ? 'You have asked to lift the freeze' : 'Changes may go on')
      if (!next.frozen) onClose()
    },
  })
  const refusal =
    session.role === 'viewer'
      ? 'This needs the role operator.'
      : session.scope !== null
        ? 'Only who has the whole fleet may lift it.'
        : asker === session.username
          ? 'You have asked. Another person has to confirm it, within an hour.'
          : null
  return (
    <>
      <p className="text-ink-2 wrap-anywhere">
        Stopped by{' '}
        <b className="font-semibold text-ink">
          <HostText value={freeze.changedBy ?? 'somebody'} max={64} />
        </b>
        {freeze.changedAt === null ? null : (
          <>
            {' '}
            <TimeAgo at={freeze.changedAt} full suffix=" ago" />
          </>
        )}
        {freeze.reason === null ? '.' : ': '}
        <HostText value={freeze.reason ?? ''} max={500} />
      </p>
      <ol className="divide-y divide-line rounded-control border border-line-2">
        <Person place="1" who={asker} at={asker === null ? null : freeze.liftAskedAt} wanted="Somebody asks." />
        <Person place="2" who={null} at={null} wanted="Another person confirms, within an hour." />
      </ol>
      <p className="text-ink-2">
        Whatever was approved, and has not expired, is sent as soon as the freeze is lifted: look through the requests
        first.
      </p>
      {lift.isError ? <Refusal error={lift.error} lead="Still stopped." /> : null}
      <div className="flex flex-wrap items-center gap-3">
        <Button
          kind="primary"
          size="large"
          data-autofocus={refusal === null ? true : undefined}
          disabled={refusal !== null || lift.isPending}
          className="disabled:bg-sunken"
          onClick={() => lift.mutate()}
        >
          {asker === null || asker === session.username ? 'Ask to lift it' : 'Confirm: let changes go on'}
        </Button>
        {refusal === null ? null : <span className="min-w-0 flex-1 text-12 text-ink-3">{refusal}</span>}
      </div>
    </>
  )
}

const Person = ({
  place,
  who,
  at,
  wanted,
}: {
  place: string
  who: string | null
  at: string | null
  wanted: string
}) => (
  <li className="flex min-h-10 items-center gap-2.5 px-3 py-1.5">
    <span aria-hidden className="grid size-5 flex-none place-items-center rounded-full border border-line-2 text-11">
      {place}
    </span>
    {who === null ? (
      <span className="text-ink-3">{wanted}</span>
    ) : (
      <span className="min-w-0 wrap-anywhere">
        <HostText value={who} max={64} /> has asked
        {at === null ? null : (
          <>
            , <TimeAgo at={at} suffix=" ago" />
          </>
        )}
      </span>
    )}
  </li>
)
