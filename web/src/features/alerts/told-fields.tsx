import { Plus, X } from 'lucide-react'
import { useId } from 'react'
import { Button } from '../../ui/button.tsx'
import { ChoiceList } from '../../ui/choice-list.tsx'
import { Field } from '../../ui/field.tsx'
import { HostText, visibleText } from '../../ui/host-text.tsx'
import {
  STEPS_MAX,
  type StepDraft,
  type StepMistakes,
  type ToldDraft,
  type ToldMistakes,
  withStep,
} from './told-draft.ts'

/** A channel as it can be chosen; one that is off is sent nothing. */
export interface ChannelChoice {
  readonly id: string
  readonly name: string
  /** What it is and how it is, in few words. */
  readonly about: string
}

interface TellProps {
  readonly draft: ToldDraft
  readonly mistakes: ToldMistakes
  readonly choices: readonly ChannelChoice[]
  readonly onChange: (change: Partial<ToldDraft>) => void
}

/** Which channels are told when a rule fires, and which later, while nobody has taken it up. */
export const ToldFields = ({ draft, mistakes, choices, onChange }: TellProps) => (
  <>
    <div className="grid gap-3">
      <ChoiceList
        label="Who is told"
        value={draft.told}
        onChange={(told) => onChange({ told })}
        choices={[
          {
            value: 'fitting',
            label: 'Channels that take such alerts',
            about: 'As each says itself in Settings, Channels.',
          },
          { value: 'named', label: 'Channels named here', about: 'These alone, whatever they say they take.' },
          { value: 'nobody', label: 'Nobody', about: 'It stands on the page of alerts alone.' },
        ]}
      />
      {draft.told === 'named' ? (
        <ChannelChoices
          label="Channels"
          choices={choices}
          chosen={draft.channels}
          mistake={mistakes.channels}
          onChange={(channels) => onChange({ channels })}
        />
      ) : null}
    </div>
    <Escalation draft={draft} mistakes={mistakes} choices={choices} onChange={onChange} />
  </>
)

const Escalation = ({ draft, mistakes, choices, onChange }: TellProps) => {
  const { steps } = draft
  const set = (key: number, change: Partial<StepDraft>) =>
    onChange({ steps: steps.map((step) => (step.key === key ? { ...step, ...change } : step)) })
  return (
    <fieldset className="grid gap-3">
      <legend className="mb-1.5 text-12 font-medium text-ink-2">While nobody takes it up</legend>
      {steps.length === 0 ? <p className="text-12 text-ink-3">It does not escalate.</p> : null}
      {steps.map((step, index) => (
        <Step
          key={step.key}
          number={index + 1}
          step={step}
          mistakes={mistakes.steps?.get(step.key) ?? {}}
          choices={choices}
          onChange={(change) => set(step.key, change)}
          onRemove={() => onChange({ steps: steps.filter(({ key }) => key !== step.key) })}
        />
      ))}
      {steps.length < STEPS_MAX ? (
        <div>
          <Button onClick={() => onChange({ steps: withStep(draft) })}>
            <Plus size={14} aria-hidden />
            Escalate after…
          </Button>
        </div>
      ) : (
        <p className="text-12 text-ink-3">At most {STEPS_MAX} steps.</p>
      )}
    </fieldset>
  )
}

const Step = ({
  number,
  step,
  mistakes,
  choices,
  onChange,
  onRemove,
}: {
  number: number
  step: StepDraft
  mistakes: StepMistakes
  choices: readonly ChannelChoice[]
  onChange: (change: Partial<StepDraft>) => void
  onRemove: () => void
}) => (
  <fieldset className="grid gap-3 rounded-control border border-line-2 p-3">
    <legend className="sr-only">Step {number}</legend>
    <div className="flex items-start justify-between gap-3">
      <Field label={`Step ${number}: after minutes`} error={mistakes.minutes}>
        {(control) => (
          <input
            {...control}
            className={`${control.className} max-w-28`}
            inputMode="numeric"
            autoComplete="off"
            maxLength={6}
            value={step.minutes}
            onChange={({ target }) => onChange({ minutes: target.value })}
          />
        )}
      </Field>
      <Button aria-label={`Remove step ${number}`} onClick={onRemove}>
        <X size={14} aria-hidden />
        Remove
      </Button>
    </div>
    <ChannelChoices
      label="It is told to"
      choices={choices}
      chosen={step.channels}
      mistake={mistakes.channels}
      onChange={(channels) => onChange({ channels })}
    />
  </fieldset>
)

const ChannelChoices = ({
  label,
  choices,
  chosen,
  mistake,
  onChange,
}: {
  label: string
  choices: readonly ChannelChoice[]
  chosen: readonly string[]
  mistake: string | undefined
  onChange: (chosen: readonly string[]) => void
}) => {
  const problem = useId()
  if (choices.length === 0) {
    return <p className="text-12 text-ink-3">There is no channel yet: one is made in Settings, Channels.</p>
  }
  return (
    <fieldset className="grid gap-1" aria-describedby={mistake === undefined ? undefined : problem}>
      <legend className="mb-1 text-12 font-medium text-ink-2">{label}</legend>
      <div className="grid max-h-48 gap-1 overflow-y-auto">
        {choices.map(({ id, name, about }) => (
          <label key={id} className="flex cursor-pointer items-baseline gap-2 touch:min-h-11 touch:items-center">
            <input
              type="checkbox"
              className="size-3.5 flex-none translate-y-0.5 accent-ink touch:translate-y-0"
              aria-label={visibleText(name, 64)}
              checked={chosen.includes(id)}
              onChange={({ target }) =>
                onChange(target.checked ? [...chosen, id] : chosen.filter((other) => other !== id))
              }
            />
            <span className="min-w-0 wrap-anywhere">
              <HostText value={name} max={64} /> <span className="text-12 text-ink-3">{about}</span>
            </span>
          </label>
        ))}
      </div>
      {mistake === undefined ? null : (
        <p id={problem} role="alert" className="animate-appear text-12 text-danger-text">
          {mistake}
        </p>
      )}
    </fieldset>
  )
}
