import { useState } from 'react'
import { Button } from './button.tsx'
import { Field } from './field.tsx'

/** A dangerous act is done only by whoever has typed what it touches. */
export const TypedName = ({
  name,
  act,
  pending,
  onAct,
}: {
  /** What has to be typed. */
  name: string
  /** What the button says. */
  act: string
  pending: boolean
  onAct: () => void
}) => {
  const [typed, setTyped] = useState('')
  const matches = typed.trim() === name
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        if (matches && !pending) onAct()
      }}
    >
      <Field label={`Type ${name} to go on`}>
        {(control) => (
          <input
            {...control}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
          />
        )}
      </Field>
      <div className="flex items-center gap-3">
        <Button type="submit" size="large" kind="danger" disabled={!matches || pending}>
          {act}
        </Button>
        {matches ? null : <span className="text-12 text-ink-3">The name is not typed yet.</span>}
      </div>
    </form>
  )
}
