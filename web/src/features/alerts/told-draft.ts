import type { AlertRuleSettings } from '@rebootless/shared/contract/alerts.ts'

export const STEPS_MAX = 5
export const CHANNELS_MAX = 20
export const STEP_CHANNELS_MAX = 10
const WEEK_MINUTES = 7 * 24 * 60

export interface StepDraft {
  /** Tells one step from another while they come and go. */
  readonly key: number
  readonly minutes: string
  readonly channels: readonly string[]
}

/** Who is told of a rule's alerts, as the form has it. */
export interface ToldDraft {
  /** `fitting`: channels by what they say they take. */
  readonly told: 'fitting' | 'named' | 'nobody'
  readonly channels: readonly string[]
  readonly steps: readonly StepDraft[]
}

type Told = Pick<AlertRuleSettings, 'channels' | 'escalation'>

export const toldDraftOf = ({ channels, escalation }: Told): ToldDraft => ({
  told: channels === null ? 'fitting' : channels.length === 0 ? 'nobody' : 'named',
  channels: channels ?? [],
  steps: escalation.map(({ afterMinutes, channels: of }, key) => ({
    key,
    minutes: String(afterMinutes),
    channels: of,
  })),
})

const FIRST_STEP_MINUTES = 15

/** One more step, later than the last by as much as the last is later than the one before. */
export const withStep = ({ steps }: ToldDraft): readonly StepDraft[] => {
  const [last = 0, before = 0] = steps
    .slice(-2)
    .reverse()
    .map(({ minutes }) => minutesIn(minutes) ?? 0)
  const next = Math.min(last + Math.max(last - before, FIRST_STEP_MINUTES), WEEK_MINUTES)
  return [...steps, { key: Math.max(-1, ...steps.map(({ key }) => key)) + 1, minutes: String(next), channels: [] }]
}

const minutesIn = (text: string): number | null => {
  const value = Number(text)
  return text.trim() !== '' && Number.isInteger(value) && value >= 1 && value <= WEEK_MINUTES ? value : null
}

export interface StepMistakes {
  readonly minutes?: string
  readonly channels?: string
}

export interface ToldMistakes {
  readonly channels?: string
  /** By the step's key. */
  readonly steps?: ReadonlyMap<number, StepMistakes>
}

export const toldMistakesOf = ({ told, channels, steps }: ToldDraft): ToldMistakes => {
  const ofSteps = new Map<number, StepMistakes>()
  for (const [index, step] of steps.entries()) {
    const minutes = minutesIn(step.minutes)
    const before = minutesIn(steps[index - 1]?.minutes ?? '')
    const mistakes: StepMistakes = {
      ...(minutes === null
        ? { minutes: 'Write whole minutes, from 1 to a week.' }
        : before !== null && minutes <= before
          ? { minutes: `Later than the step before, which is after ${before}.` }
          : {}),
      ...(step.channels.length === 0 ? { channels: 'Choose a channel, or remove the step.' } : {}),
      ...(step.channels.length > STEP_CHANNELS_MAX
        ? { channels: `At most ${STEP_CHANNELS_MAX} channels a step.` }
        : {}),
    }
    if (Object.keys(mistakes).length > 0) ofSteps.set(step.key, mistakes)
  }
  return {
    ...(told === 'named' && channels.length === 0 ? { channels: 'Choose a channel.' } : {}),
    ...(told === 'named' && channels.length > CHANNELS_MAX ? { channels: `At most ${CHANNELS_MAX} channels.` } : {}),
    ...(ofSteps.size === 0 ? {} : { steps: ofSteps }),
  }
}

/** As the rule keeps it, channels in an order of their own, so that one taken off and put back changes nothing. */
const canonical = ({ channels, escalation }: Told): Told => ({
  channels: channels === null ? null : [...channels].sort(),
  escalation: escalation.map((step) => ({ ...step, channels: [...step.channels].sort() })),
})

/** What is another than before. Of a draft without mistakes. */
export const toldChangeOf = ({ told, channels, steps }: ToldDraft, before: Told): Partial<Told> => {
  const wanted = canonical({
    channels: told === 'fitting' ? null : told === 'nobody' ? [] : [...channels],
    escalation: steps.map(({ minutes, channels: of }) => ({ afterMinutes: Number(minutes), channels: [...of] })),
  })
  const was = canonical(before)
  const isSame = (key: keyof Told) => JSON.stringify(wanted[key]) === JSON.stringify(was[key])
  return {
    ...(isSame('channels') ? {} : { channels: wanted.channels }),
    ...(isSame('escalation') ? {} : { escalation: wanted.escalation }),
  }
}
