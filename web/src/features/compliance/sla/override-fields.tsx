import { Plus, Trash2 } from 'lucide-react'
import { Button } from '../../../ui/button.tsx'
import { Field, PLAIN } from '../../../ui/field.tsx'
import { DaysFields } from './days-fields.tsx'
import { emptyOverride, type mistakesOf, type OverrideDraft, type SlaDraft } from './sla-draft.ts'

/** Other days for hosts that words of the filter hold. */
export const OverrideFields = ({
  draft,
  mistakes,
  tried,
  readOnly,
  onChange: change,
}: {
  draft: SlaDraft
  mistakes: ReturnType<typeof mistakesOf>
  /** Names and hosts that are missing are told of once somebody wanted to set it. */
  tried: boolean
  readOnly: boolean
  onChange: (one: Partial<SlaDraft>) => void
}) => {
  const changeOverride = (key: number, one: Partial<OverrideDraft>) =>
    change({ overrides: draft.overrides.map((before) => (before.key === key ? { ...before, ...one } : before)) })
  return (
    <section aria-labelledby="sla-overrides" className="grid gap-4">
      <div className="flex flex-wrap items-center gap-3">
        <h3 id="sla-overrides" className="text-13">
          Other days for some hosts
        </h3>
        <span className="text-12 text-ink-3">Of several that hold a host the shortest count.</span>
        {readOnly ? null : (
          <Button
            className="ml-auto"
            onClick={() =>
              change({
                overrides: [
                  ...draft.overrides,
                  emptyOverride(Math.max(0, ...draft.overrides.map(({ key }) => key + 1)), draft),
                ],
              })
            }
          >
            <Plus size={14} aria-hidden />
            Add
          </Button>
        )}
      </div>
      {draft.overrides.length === 0 ? <p className="text-12 text-ink-3">None: all hosts have the days above.</p> : null}
      {draft.overrides.map((one, index) => (
        <fieldset key={one.key} className="grid gap-4 border-l-2 border-line-2 pl-4">
          <legend className="sr-only">Override {index + 1}</legend>
          <div className="grid items-start gap-4 desk:grid-cols-[200px_minmax(0,1fr)_auto]">
            <Field label="Name" error={tried ? mistakes[`name ${one.key}`] : undefined}>
              {(control) => (
                <input
                  {...control}
                  {...PLAIN}
                  maxLength={64}
                  placeholder="internet-facing"
                  value={one.name}
                  onChange={({ target }) => changeOverride(one.key, { name: target.value })}
                  className={`${control.className} placeholder:text-ink-3`}
                />
              )}
            </Field>
            <Field label="Hosts" error={tried ? mistakes[`hosts ${one.key}`] : undefined}>
              {(control) => (
                <input
                  {...control}
                  {...PLAIN}
                  maxLength={1000}
                  placeholder="label.zone:dmz"
                  value={one.hosts}
                  onChange={({ target }) => changeOverride(one.key, { hosts: target.value })}
                  className={`${control.className} mono placeholder:text-ink-3`}
                />
              )}
            </Field>
            {readOnly ? null : (
              <Button
                kind="danger"
                className="desk:mt-6"
                aria-label={`Take ${one.name === '' ? `override ${index + 1}` : one.name} away`}
                onClick={() => change({ overrides: draft.overrides.filter(({ key }) => key !== one.key) })}
              >
                <Trash2 size={14} aria-hidden />
                Take away
              </Button>
            )}
          </div>
          <DaysFields
            legend={`Days for ${one.name === '' ? 'them' : one.name}`}
            draft={one}
            error={mistakes[`days ${one.key}`]}
            onChange={(next) => changeOverride(one.key, next)}
          />
        </fieldset>
      ))}
    </section>
  )
}
