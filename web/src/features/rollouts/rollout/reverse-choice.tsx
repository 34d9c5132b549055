import type { RolloutDetail } from '@rebootless/shared/contract/rollouts-api.ts'
import { ChoiceList } from '../../../ui/choice-list.tsx'
import { plural } from '../../../ui/duration.ts'
import { Field } from '../../../ui/field.tsx'
import { visibleText } from '../../../ui/host-text.tsx'
import { touchedFrom } from './rollout-acts.ts'

export interface ReverseChosen {
  readonly fromWave: number
  readonly afterwards: 'end' | 'pause'
}

/** From which wave on is undone, and what comes then. */
export const ReverseChoice = ({
  rollout,
  chosen,
  onChange,
}: {
  rollout: RolloutDetail
  chosen: ReverseChosen
  onChange: (next: ReverseChosen) => void
}) => {
  const begun = rollout.waves.flatMap((wave, index) => (touchedFrom(rollout, index) > 0 ? [{ wave, index }] : []))
  return (
    <>
      <Field label="Undo from this wave on">
        {(control) => (
          <select
            {...control}
            value={chosen.fromWave}
            onChange={(event) => onChange({ ...chosen, fromWave: Number(event.target.value) })}
          >
            {begun.map(({ wave, index }) => (
              <option key={index} value={index}>
                {index + 1} {visibleText(wave.name, 60)}: {plural(touchedFrom(rollout, index), 'host')}
                {index === 0 ? ', all of it' : ''}
              </option>
            ))}
          </select>
        )}
      </Field>
      <ChoiceList
        label="And then"
        value={chosen.afterwards}
        onChange={(afterwards) => onChange({ ...chosen, afterwards })}
        choices={[
          { value: 'end', label: 'It is over', about: 'Whoever wants it again makes a new one.' },
          { value: 'pause', label: 'It pauses', about: 'What was undone waits, and goes again when somebody resumes.' },
        ]}
      />
    </>
  )
}
