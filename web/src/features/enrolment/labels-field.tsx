import { Field } from '../../ui/field.tsx'

/** Labels as words, `env:prod rack:r1`; read by shared/domain/label-words.ts. */
export const LabelsField = ({
  value,
  error,
  onChange,
}: {
  value: string
  error: string | undefined
  onChange: (value: string) => void
}) => (
  <Field
    label="Labels"
    error={error}
    hint="The host gets them at once, as env:prod rack:r1. It cannot choose them itself."
  >
    {(control) => (
      <input
        {...control}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
      />
    )}
  </Field>
)
