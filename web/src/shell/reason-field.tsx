import { Field } from '../ui/field.tsx'

const REASON_CHARACTERS_MAX = 1000

/** Why somebody does what the form does. */
export const ReasonField = ({
  reason,
  onChange,
  optional = false,
}: {
  reason: string
  onChange: (reason: string) => void
  optional?: boolean
}) => (
  <Field label={optional ? 'Reason (optional)' : 'Reason'} hint="The audit log keeps it.">
    {(control) => (
      <input
        {...control}
        autoComplete="off"
        value={reason}
        maxLength={REASON_CHARACTERS_MAX}
        onChange={(event) => onChange(event.target.value)}
      />
    )}
  </Field>
)
