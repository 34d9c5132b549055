import { Field } from '../../ui/field.tsx'
import { type HandCves, parseHandCves } from './hand-cves.ts'

export interface Remarks {
  readonly cves: string
  readonly notes: string
}
export const NO_REMARKS: Remarks = { cves: '', notes: '' }

const AREA = 'h-auto! min-h-16 py-1.5'

/** CVEs by hand and notes, wherever an entry is made or changed. */
export const RemarksFields = ({ value, onChange }: { value: Remarks; onChange: (value: Remarks) => void }) => {
  const read: HandCves = parseHandCves(value.cves)
  return (
    <>
      <Field
        label="CVEs by hand"
        hint="Between blanks or commas. Those that the file or its vendor names need not be written again."
        error={read.ok ? undefined : read.detail}
      >
        {(control) => (
          <input
            {...control}
            value={value.cves}
            maxLength={20_000}
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            placeholder="CVE-2024-1086"
            onChange={(event) => onChange({ ...value, cves: event.target.value })}
          />
        )}
      </Field>
      <NotesField label="Notes" value={value.notes} onChange={(notes) => onChange({ ...value, notes })} />
    </>
  )
}

export const NotesField = ({
  label,
  hint,
  value,
  onChange,
}: {
  label: string
  hint?: string
  value: string
  onChange: (value: string) => void
}) => (
  <Field label={label} hint={hint}>
    {(control) => (
      <textarea
        {...control}
        rows={3}
        value={value}
        maxLength={10_000}
        onChange={(event) => onChange(event.target.value)}
        className={`${control.className} ${AREA}`}
      />
    )}
  </Field>
)
