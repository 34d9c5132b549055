import { Field, PLAIN } from '../../ui/field.tsx'

/** A name of the IANA database, typed; whether it is one says whoever reads the form. */
export const TimeZoneField = ({
  value,
  error,
  hint,
  onChange,
}: {
  value: string
  error: string | undefined
  hint?: string
  onChange: (timeZone: string) => void
}) => (
  <Field label="Time zone" error={error} {...(hint === undefined ? {} : { hint })}>
    {(control) => (
      <input {...control} {...PLAIN} maxLength={64} value={value} onChange={({ target }) => onChange(target.value)} />
    )}
  </Field>
)
