import type { AlertDetail } from '@rebootless/shared/contract/alerts.ts'
import type { Session } from '@rebootless/shared/contract/session.ts'
import { ALERT_RESPONDERS, isAmong } from '@rebootless/shared/domain/audiences.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { endOfSilence, SILENCE_LENGTHS } from './silence-words.ts'

const NOTE_CHARACTERS_MAX = 2000
type Form = 'acknowledge' | 'note' | 'silence'
const WORDS: Readonly<Record<Form, { act: string; label: string; hint: string }>> = {
  acknowledge: { act: 'Acknowledge', label: 'Note (optional)', hint: 'It is told no more until it is over.' },
  note: { act: 'Write it down', label: 'What was done', hint: 'Whoever has this cause next time reads it.' },
  silence: { act: 'Silence', label: 'Reason', hint: 'Only this cause is silenced. The audit log keeps the reason.' },
}

/** What a person can do about an alert; `children` is what anybody may, beside it. */
export const AlertActs = ({
  alert,
  session,
  children,
}: {
  alert: AlertDetail
  session: Session | undefined
  children: ReactNode
}) => {
  const cache = useQueryClient()
  const [form, setForm] = useState<Form | null>(null)
  const [text, setText] = useState('')
  const [minutes, setMinutes] = useState<number>(SILENCE_LENGTHS[0].minutes)
  const act = useMutation({
    mutationFn: async (): Promise<void> => {
      const params = { id: alert.id }
      const said = text.trim()
      if (form === 'acknowledge') {
        await api.post('/api/v1/alerts/:id/acknowledge', { params, body: { note: said === '' ? null : said } })
      } else if (form === 'note') {
        await api.post('/api/v1/alerts/:id/note', { params, body: { done: said } })
      } else {
        const endsAt = endOfSilence(minutes)
        const matcher = { rule: alert.rule, cause: alert.cause, hosts: null }
        await api.post('/api/v1/silences', { body: { matcher, endsAt, reason: said } })
      }
    },
    onSuccess: async () => {
      setForm(null)
      setText('')
      await cache.invalidateQueries({ queryKey: queryKeys.alerts })
    },
  })
  if (session === undefined) return null
  if (!ALERT_RESPONDERS.roles.some((role) => role === session.role)) {
    return (
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        {children}
        <p className="text-12 text-ink-3">Operators, approvers and admins take alerts up.</p>
      </div>
    )
  }
  const open = (next: Form) => {
    act.reset()
    setText('')
    setForm(next)
  }
  if (form === null) {
    const isOpen = alert.status === 'firing' || alert.status === 'silenced'
    return (
      <div className="flex flex-wrap gap-2">
        {isOpen ? (
          <Button kind="primary" size="large" onClick={() => open('acknowledge')}>
            Acknowledge…
          </Button>
        ) : null}
        {children}
        <Button size="large" onClick={() => open('note')}>
          Write down what was done…
        </Button>
        {alert.status !== 'resolved' && isAmong(session, ALERT_RESPONDERS) ? (
          <Button size="large" onClick={() => open('silence')}>
            Silence this…
          </Button>
        ) : null}
      </div>
    )
  }
  const { act: word, label, hint } = WORDS[form]
  const missing = form !== 'acknowledge' && text.trim() === ''
  return (
    <form
      aria-label={word}
      className="grid max-w-[560px] gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        if (!missing && !act.isPending) act.mutate()
      }}
    >
      {form === 'silence' ? (
        <Field label="How long">
          {(control) => (
            <select {...control} value={minutes} onChange={(event) => setMinutes(Number(event.target.value))}>
              {SILENCE_LENGTHS.map((one) => (
                <option key={one.minutes} value={one.minutes}>
                  {one.word}
                </option>
              ))}
            </select>
          )}
        </Field>
      ) : null}
      <Field label={label} hint={hint}>
        {(control) => (
          <textarea
            {...control}
            rows={3}
            // biome-ignore lint/a11y/noAutofocus: it came in the place of the button that was pressed
            autoFocus
            maxLength={form === 'silence' ? 1000 : NOTE_CHARACTERS_MAX}
            value={text}
            onChange={(event) => setText(event.target.value)}
            className={`${control.className} h-auto! py-2`}
          />
        )}
      </Field>
      {act.error ? <Refusal error={act.error} lead="Not done." /> : null}
      <div className="flex flex-wrap items-center gap-2">
        <Button
          type="submit"
          kind="primary"
          size="large"
          disabled={missing || act.isPending}
          className="disabled:bg-sunken"
        >
          {word}
        </Button>
        <Button size="large" onClick={() => setForm(null)}>
          Cancel
        </Button>
        {missing ? (
          <span className="text-12 text-ink-3">{form === 'silence' ? 'A reason' : label} is missing.</span>
        ) : null}
      </div>
    </form>
  )
}
