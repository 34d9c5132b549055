import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { ReasonField } from './reason-field.tsx'
import { Refusal } from './refusal.tsx'

/** An act that is done with a reason and, where it cannot be undone, after what it touches was typed. */
export const ReasonedAct = ({
  act,
  name,
  touches = 'name',
  dangerous = false,
  lead = 'Not done.',
  pending,
  error,
  onAct,
  onCancel,
}: {
  /** What the button says. */
  act: string
  /** What has to be typed; absent: nothing. */
  name?: string
  /** What that is. */
  touches?: string
  dangerous?: boolean
  /** Said before the server's refusal. */
  lead?: string
  pending: boolean
  error: Error | null
  onAct: (reason: string) => void
  /** Given where the form came in the place of a button: it has the focus then, and can be closed again. */
  onCancel?: () => void
}) => {
  const [reason, setReason] = useState('')
  const [typed, setTyped] = useState('')
  const missing =
    reason.trim() === ''
      ? 'A reason is missing.'
      : name !== undefined && typed.trim() !== name
        ? `The ${touches} is not typed yet.`
        : null
  const plain = { autoComplete: 'off', autoCapitalize: 'none', spellCheck: false } as const
  return (
    <form
      className="grid w-full gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        if (missing === null && !pending) onAct(reason.trim())
      }}
    >
      <ReasonField reason={reason} onChange={setReason} focused={onCancel !== undefined} />
      {name === undefined ? null : (
        <Field label={`Type ${name} to go on`}>
          {(control) => (
            <input {...control} {...plain} value={typed} onChange={(event) => setTyped(event.target.value)} />
          )}
        </Field>
      )}
      {error ? <Refusal error={error} lead={lead} /> : null}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" size="large" kind={dangerous ? 'danger' : 'plain'} disabled={missing !== null || pending}>
          {act}
        </Button>
        {onCancel === undefined ? null : (
          <Button size="large" onClick={onCancel}>
            Cancel
          </Button>
        )}
        {missing === null ? null : <span className="text-12 text-ink-3">{missing}</span>}
      </div>
    </form>
  )
}
