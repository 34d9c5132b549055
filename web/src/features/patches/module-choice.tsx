import type { PatchSummary } from '@rebootless/shared/contract/patches.ts'
import { Field } from '../../ui/field.tsx'
import { visibleText } from '../../ui/host-text.tsx'
import { kernelWord } from './patch-marks.tsx'

/** One module of the catalogue, from a list. */
export const ModuleChoice = ({
  label,
  modules,
  value,
  onChange,
}: {
  label: string
  modules: readonly PatchSummary[]
  value: string
  onChange: (id: string) => void
}) => (
  <Field label={label}>
    {(control) => (
      <select {...control} value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">Choose a module</option>
        {modules.map(({ id, name, releaseCounter, module }) => (
          <option key={id} value={id}>
            {visibleText(`${name}, release ${releaseCounter}, for ${module === null ? '' : kernelWord(module)}`, 160)}
          </option>
        ))}
      </select>
    )}
  </Field>
)
