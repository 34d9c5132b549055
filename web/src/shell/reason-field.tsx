import { Field } from '../ui/field.tsx'

const REASON_CHARACTERS_MAX = 1000

const takeFocus = (input: HTMLInputElement | null): void => input?.focus()

/** Why somebody does what the form does. */
export const ReasonField = ({
  reason,
  onChange,
  optional = false,
  focused = false,
}: {
  reason: string
  onChange: (reason: string) => void
  optional?: boolean
  /** Whether it takes the focus when it comes. */
  focused?: boolean
}) => (
  <Field label={optional ? 'Reason (optional)' : 'Reason'} hint="The audit log keeps it.">
    {(control) => (
      <input
        {...control}
        ref={focused ? takeFocus : undefined}
        data-autofocus
        autoComplete="off"
        value={reason}
        maxLength={REASON_CHARACTERS_MAX}
        onChange={(event) => onChange(event.target.value)}
      />
    )}
  </Field>
)
