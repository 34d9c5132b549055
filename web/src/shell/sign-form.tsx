import type { ReactNode } from 'react'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'

/** Where goes the signature that a command printed. */
export const SignForm = ({
  pasted,
  onPaste,
  mistake,
  act,
  pending,
  refusal,
  onSign,
}: {
  pasted: string
  onPaste: (text: string) => void
  /** Why what is pasted cannot be handed in; null: it can. */
  mistake: string | null
  act: string
  pending: boolean
  refusal: ReactNode
  onSign: () => void
}) => {
  const isEmpty = pasted.trim() === ''
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        if (mistake === null && !pending) onSign()
      }}
    >
      <Field label="Paste what it printed" error={isEmpty ? undefined : (mistake ?? undefined)}>
        {(control) => (
          <textarea
            {...control}
            rows={3}
            value={pasted}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => onPaste(event.target.value)}
            className={`${control.className} mono h-auto! py-2 text-[12px]`}
          />
        )}
      </Field>
      {refusal}
      <div className="flex flex-wrap items-center gap-3">
        <Button
          type="submit"
          size="large"
          kind="primary"
          disabled={mistake !== null || pending}
          className="disabled:bg-sunken"
        >
          {act}
        </Button>
        {isEmpty ? <span className="text-12 text-ink-3">No signature is pasted yet.</span> : null}
      </div>
    </form>
  )
}
