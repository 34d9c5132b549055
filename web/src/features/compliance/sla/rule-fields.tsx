import { WEEKDAYS } from '@rebootless/shared/domain/compliance/compliance-words.ts'
import { ChoiceList } from '../../../ui/choice-list.tsx'
import { Field, PLAIN } from '../../../ui/field.tsx'
import { TimeZoneField } from '../time-zone-field.tsx'
import type { mistakesOf, SlaDraft } from './sla-draft.ts'

/** From when on days count, which of them count, and what is said of what is not known. */
export const RuleFields = ({
  draft,
  mistakes,
  onChange: change,
}: {
  draft: SlaDraft
  mistakes: ReturnType<typeof mistakesOf>
  onChange: (one: Partial<SlaDraft>) => void
}) => (
  <>
    <div className="grid gap-5 desk:grid-cols-2">
      <ChoiceList
        label="The clock starts"
        value={draft.clock}
        onChange={(clock) => change({ clock })}
        choices={[
          {
            value: 'fix_available',
            label: 'When a fix is available',
            about: 'Without a fix there is no due date.',
          },
          { value: 'publication', label: 'When it was published', about: 'With a fix or without one.' },
        ]}
      />
      <ChoiceList
        label="On a host that came later"
        value={draft.notBeforeSeen ? 'seen' : 'same'}
        onChange={(value) => change({ notBeforeSeen: value === 'seen' })}
        choices={[
          {
            value: 'seen',
            label: 'It starts when first seen exposed',
            about: 'A host that is new has all its days.',
          },
          { value: 'same', label: 'It started before', about: 'A host that is new may be past at once.' },
        ]}
      />
      <ChoiceList
        label="What is not known"
        value={draft.unknown}
        onChange={(unknown) => change({ unknown })}
        choices={[
          { value: 'apart', label: 'Is shown apart', about: 'Never as fixed, and without a date.' },
          { value: 'as_exposed', label: 'Counts as exposed', about: 'With the same days.' },
        ]}
      />
      <ChoiceList
        label="A host is supported when"
        value={draft.supported}
        onChange={(supported) => change({ supported })}
        choices={[
          {
            value: 'covers_newer_kernel',
            label: 'Nothing that a newer kernel on its disk fixes is open',
            about: 'Livepatches stand for the kernel that was not booted.',
          },
          {
            value: 'newest_in_effect',
            label: 'Its newest kernel runs, or its newest livepatch is in effect',
            about: 'Whatever either fixes.',
          },
        ]}
      />
    </div>
    <div className="grid gap-5 desk:grid-cols-2">
      <ChoiceList
        label="Days that count"
        value={draft.count}
        onChange={(count) => change({ count })}
        choices={[
          { value: 'calendar_days', label: 'Every day', about: 'Weekends and holidays too.' },
          { value: 'working_days', label: 'Working days', about: 'Those below, without holidays.' },
        ]}
      />
      <TimeZoneField
        value={draft.timeZone}
        error={mistakes.timeZone}
        hint="A date is over at midnight there."
        onChange={(timeZone) => change({ timeZone })}
      />
    </div>
    {draft.count === 'calendar_days' ? null : (
      <div className="grid gap-5 desk:grid-cols-2">
        <fieldset>
          <legend className="mb-1.5 text-12 font-medium text-ink-2">Working days</legend>
          <div className="flex flex-wrap gap-x-4 gap-y-1">
            {WEEKDAYS.map((day) => (
              <label key={day} className="flex items-center gap-1.5 text-12 touch:min-h-11">
                <input
                  type="checkbox"
                  checked={draft.workingDays.includes(day)}
                  aria-invalid={mistakes.workingDays !== undefined}
                  onChange={({ target: { checked } }) =>
                    change({
                      workingDays: checked
                        ? [...draft.workingDays, day]
                        : draft.workingDays.filter((one) => one !== day),
                    })
                  }
                  className="size-3.5 accent-ink"
                />
                <span className="capitalize">{day}</span>
              </label>
            ))}
          </div>
          {mistakes.workingDays === undefined ? null : (
            <p role="alert" className="mt-1 text-12 text-danger-text">
              {mistakes.workingDays}
            </p>
          )}
        </fieldset>
        <Field label="Holidays" error={mistakes.holidays} hint="One a line: 2026-12-25.">
          {({ className: _, ...control }) => (
            <textarea
              {...control}
              {...PLAIN}
              rows={4}
              value={draft.holidays}
              onChange={({ target }) => change({ holidays: target.value })}
              className="mono w-full rounded-control border border-line-3 bg-sheet px-2.5 py-2 text-12 aria-invalid:border-danger-fill touch:text-16"
            />
          )}
        </Field>
      </div>
    )}
  </>
)
