import type { RebootPlansChange } from '@rebootless/shared/contract/reboot-debt.ts'
import { planMistake } from '@rebootless/shared/domain/reboot-debt/plan-rules.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { flushSync } from 'react-dom'
import { api } from '../../../api/client.ts'
import { queryKeys } from '../../../api/query-keys.ts'
import { ReasonField } from '../../../shell/reason-field.tsx'
import { Refusal } from '../../../shell/refusal.tsx'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { DialogHead } from '../../../ui/dialog-head.tsx'
import { plural } from '../../../ui/duration.ts'
import { Field } from '../../../ui/field.tsx'
import { dayBefore, utcDay } from '../day.ts'

const DAYS_FIRST = 7
const OWNER_MAX = 120

/** Which hosts are meant: some by name, or all of a list, however many pages it has. */
export interface Meant {
  readonly hosts: RebootPlansChange['hosts']
  readonly count: number
  /** Who had it last, where it is the same for all. */
  readonly owner: string
}

/** Gives hosts a date and an owner, or takes their plans back. */
export const PlanDialog = ({
  meant,
  act,
  onDone,
  onClose,
}: {
  meant: Meant
  act: 'plan' | 'cancel'
  onDone: () => void
  onClose: () => void
}) => {
  const cache = useQueryClient()
  const [today] = useState(() => utcDay(Date.now()))
  const [on, setOn] = useState(dayBefore(today, -DAYS_FIRST))
  const [owner, setOwner] = useState(meant.owner)
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const send = useMutation({
    mutationFn: () => {
      const plan = act === 'plan' ? { on, owner: owner.trim() } : null
      return api.put('/api/v1/reboot-debt/plans', { body: { hosts: meant.hosts, plan, reason: reason.trim() } })
    },
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: queryKeys.compliance })
      onDone()
    },
  })
  const mistakes = {
    ...(act === 'plan' && { on: on === '' ? 'Choose a day.' : (planMistake(on, today) ?? undefined) }),
    ...(act === 'plan' && owner.trim() === '' ? { owner: 'Say who boots them.' } : {}),
    ...(reason.trim() === '' ? { reason: 'Say why.' } : {}),
  }
  const isRight = Object.values(mistakes).every((one) => one === undefined)
  const shown: Partial<Record<'on' | 'owner' | 'reason', string | undefined>> = tried ? mistakes : {}
  const hosts = plural(meant.count, 'host')
  const title = act === 'plan' ? `Plan the boot of ${hosts}` : `Take back the plans of ${hosts}`
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (send.isPending) return
    if (isRight) return send.mutate()
    flushSync(() => setTried(true))
    event.currentTarget.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }
  return (
    <Dialog label={title} onClose={onClose} className="overflow-y-auto">
      <DialogHead title={title} onClose={onClose} />
      <form noValidate className="grid gap-5 p-4" onSubmit={submit}>
        {act === 'plan' ? (
          <>
            <Field label="Day" error={shown.on} hint="UTC. A host that has booted since closes its plan by itself.">
              {(control) => (
                <input
                  {...control}
                  type="date"
                  min={today}
                  value={on}
                  onChange={({ target: { value } }) => setOn(value)}
                />
              )}
            </Field>
            <Field label="Owner" error={shown.owner} hint="Who boots them: a person or a team.">
              {(control) => (
                <input
                  {...control}
                  data-autofocus
                  autoComplete="off"
                  maxLength={OWNER_MAX}
                  value={owner}
                  onChange={({ target: { value } }) => setOwner(value)}
                />
              )}
            </Field>
          </>
        ) : (
          <p>They have no date any more. What was planned stays in the audit log.</p>
        )}
        <div>
          <ReasonField reason={reason} onChange={setReason} />
          {shown.reason === undefined ? null : (
            <p role="alert" className="mt-1 text-12 text-danger-text">
              {shown.reason}
            </p>
          )}
        </div>
        {send.isError ? (
          <Refusal
            error={send.error}
            lead={act === 'plan' ? 'Not planned.' : 'Not taken back.'}
            after="What you wrote is still here."
          />
        ) : null}
        <div className="flex flex-wrap items-center gap-2">
          <Button type="submit" size="large" kind={act === 'plan' ? 'primary' : 'danger'} disabled={send.isPending}>
            {act === 'plan' ? 'Plan it' : 'Take them back'}
          </Button>
          <Button size="large" onClick={onClose}>
            Cancel
          </Button>
          <span className="min-w-0 flex-1 text-12 text-ink-3">
            {act === 'plan' ? 'It takes the place of an earlier plan; nothing is booted by it.' : ''}
          </span>
        </div>
      </form>
    </Dialog>
  )
}
