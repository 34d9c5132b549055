import { CHANNEL_FACTS } from '@rebootless/shared/domain/channel-words.ts'
import type { DecisionKind } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import { useId } from 'react'
import { ScopeField } from '../../shell/scope-field.tsx'
import { ChoiceList } from '../../ui/choice-list.tsx'
import { Field } from '../../ui/field.tsx'
import { AlertFields } from './alert-fields.tsx'
import { isOfHosts } from './channel-draft.ts'
import { DECISION_GROUPS } from './channel-words.ts'
import type { FieldsProps } from './place-fields.tsx'

/** Which events go there, and of which rollouts. */
export const EventFields = ({ draft, mistakes, onChange }: FieldsProps) => {
  const takes = CHANNEL_FACTS[draft.kind]
  return (
    <>
      <AlertFields draft={draft} mistakes={mistakes} onChange={onChange} mayBeNone={takes.decisions} />
      {takes.decisions ? (
        <div className="grid gap-3">
          <ChoiceList
            label="Decisions of rollouts"
            value={draft.which}
            onChange={(which) => onChange({ which })}
            choices={[
              { value: 'some', label: 'Some kinds', about: 'As chosen below.' },
              { value: 'all', label: 'Every decision', about: 'All that a rollout’s log tells.' },
              { value: 'none', label: 'None', about: 'Rollouts are not told of there.' },
            ]}
          />
          {draft.which === 'some' ? <Kinds chosen={draft.kinds} onChange={(kinds) => onChange({ kinds })} /> : null}
        </div>
      ) : null}
      {takes.heads ? <Heads draft={draft} mistakes={mistakes} onChange={onChange} /> : null}
      {mistakes.events === undefined ? null : (
        <p role="alert" className="animate-appear text-12 text-danger-text">
          {mistakes.events}
        </p>
      )}
      {isOfHosts(draft) ? (
        <div className="grid gap-3">
          <ChoiceList
            label="Of which hosts"
            value={draft.scope === null ? 'all' : 'some'}
            onChange={(of) => onChange({ scope: of === 'all' ? null : '' })}
            choices={[
              { value: 'all', label: 'Every host', about: 'And what is of the server itself.' },
              {
                value: 'some',
                label: 'By labels',
                about: takes.decisions
                  ? 'Alerts of hosts that have them, and rollouts all of whose hosts have them.'
                  : 'Alerts of hosts that have them.',
              },
            ]}
          />
          {draft.scope === null ? null : (
            <ScopeField
              label="Labels"
              value={draft.scope}
              onChange={(scope) => onChange({ scope })}
              error={mistakes.scope}
            />
          )}
        </div>
      ) : null}
    </>
  )
}

const Kinds = ({
  chosen,
  onChange,
}: {
  chosen: readonly DecisionKind[]
  onChange: (kinds: DecisionKind[]) => void
}) => (
  <div className="grid grid-cols-2 gap-x-4 gap-y-4 max-desk:grid-cols-1">
    {DECISION_GROUPS.map(({ name, kinds }) => (
      <fieldset key={name} className="grid content-start gap-1">
        <legend className="mb-1 text-12 font-medium text-ink-2">{name}</legend>
        {kinds.map((kind) => (
          <label key={kind} className="flex cursor-pointer gap-2 touch:min-h-11 touch:items-center">
            <input
              type="checkbox"
              className="mt-1 size-3.5 flex-none accent-ink touch:mt-0"
              checked={chosen.includes(kind)}
              onChange={({ target }) =>
                onChange(target.checked ? [...chosen, kind] : chosen.filter((other) => other !== kind))
              }
            />
            <span className="first-letter:uppercase">{kind}</span>
          </label>
        ))}
      </fieldset>
    ))}
  </div>
)

const Heads = ({ draft, mistakes, onChange }: FieldsProps) => {
  const about = useId()
  return (
    <div className="grid gap-3">
      <label className="flex cursor-pointer gap-2.5 touch:min-h-11">
        <input
          type="checkbox"
          className="mt-1 size-3.5 flex-none accent-ink"
          aria-describedby={about}
          checked={draft.heads}
          onChange={({ target }) => onChange({ heads: target.checked })}
        />
        <span>
          <span className="font-medium">Signed heads of the audit log</span>
          <span id={about} className="block text-12 text-ink-3">
            Kept elsewhere, they show whether the log was cut or written anew.
          </span>
        </span>
      </label>
      {draft.heads ? (
        <Field
          label="Minutes between two"
          error={mistakes.everyMinutes}
          hint="Or a thousand entries. A quiet log has no new head."
        >
          {(control) => (
            <input
              {...control}
              className={`${control.className} max-w-28`}
              type="number"
              inputMode="numeric"
              min={1}
              max={1440}
              value={draft.everyMinutes}
              onChange={(event) => onChange({ everyMinutes: event.target.value })}
            />
          )}
        </Field>
      ) : null}
    </div>
  )
}
