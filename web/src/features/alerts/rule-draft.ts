import type { AlertRule, AlertRuleChange, AlertRuleSettings } from '@rebootless/shared/contract/alerts.ts'
import { type ToldDraft, type ToldMistakes, toldChangeOf, toldDraftOf, toldMistakesOf } from './told-draft.ts'

/** As the form has it: numbers as they are typed, times in minutes. */
export interface RuleDraft {
  readonly enabled: boolean
  readonly severity: AlertRuleSettings['severity']
  readonly threshold: string
  readonly forMinutes: string
  readonly quietMinutes: string
  /** Empty: never. */
  readonly repeatMinutes: string
  /** Empty: all. */
  readonly hosts: string
  readonly told: ToldDraft
  readonly reason: string
}

export const secondsWord = (seconds: number): string => {
  if (seconds % 86_400 === 0) return `${seconds / 86_400} d`
  if (seconds % 3600 === 0) return `${seconds / 3600} h`
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`
}

const minutesOf = (seconds: number): string => String(Math.round((seconds / 60) * 100) / 100)

export const draftOf = ({ settings }: Pick<AlertRule, 'settings'>): RuleDraft => ({
  ...{ enabled: settings.enabled, severity: settings.severity, hosts: settings.hosts ?? '', reason: '' },
  threshold: settings.threshold === null ? '' : String(settings.threshold),
  ...{ forMinutes: minutesOf(settings.forSeconds), quietMinutes: minutesOf(settings.quietSeconds) },
  repeatMinutes: settings.repeatMinutes === null ? '' : String(settings.repeatMinutes),
  told: toldDraftOf(settings),
})

const numberIn = (text: string, from: number, to: number): number | null => {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) && value >= from && value <= to ? value : null
}
const DAY = 24 * 60

export type RuleMistakes = Partial<
  Record<'threshold' | 'forMinutes' | 'quietMinutes' | 'repeatMinutes' | 'reason', string>
> & { readonly told?: ToldMistakes }

export const mistakesOf = (draft: RuleDraft, { settings }: Pick<AlertRule, 'settings'>): RuleMistakes => ({
  ...(settings.threshold !== null && numberIn(draft.threshold, 0, 1_000_000) === null
    ? { threshold: 'Write a number from 0 on.' }
    : {}),
  ...(numberIn(draft.forMinutes, 0, 7 * DAY) === null ? { forMinutes: 'Write minutes, up to a week.' } : {}),
  ...(numberIn(draft.quietMinutes, 0, DAY) === null ? { quietMinutes: 'Write minutes, up to a day.' } : {}),
  ...(draft.repeatMinutes.trim() !== '' && numberIn(draft.repeatMinutes, 5, 7 * DAY) === null
    ? { repeatMinutes: 'Write minutes from 5 to a week, or nothing.' }
    : {}),
  ...(settings.enabled && !draft.enabled && draft.reason.trim() === ''
    ? { reason: 'Say why the rule is turned off.' }
    : {}),
  ...toldIn(draft.told),
})

const toldIn = (draft: ToldDraft): { told?: ToldMistakes } => {
  const told = toldMistakesOf(draft)
  return Object.keys(told).length === 0 ? {} : { told }
}

/** What is another than before; nothing when the draft has a mistake. */
export const changeOf = (draft: RuleDraft, rule: Pick<AlertRule, 'settings'>): AlertRuleChange => {
  if (Object.keys(mistakesOf(draft, rule)).length > 0) return {}
  const { settings } = rule
  const whole = (text: string, factor = 1) => Math.round(Number(text) * factor)
  const wanted: Partial<AlertRuleSettings> = {
    ...{ enabled: draft.enabled, severity: draft.severity },
    threshold: settings.threshold === null ? null : Number(draft.threshold),
    ...{ forSeconds: whole(draft.forMinutes, 60), quietSeconds: whole(draft.quietMinutes, 60) },
    repeatMinutes: draft.repeatMinutes.trim() === '' ? null : whole(draft.repeatMinutes),
    hosts: draft.hosts.trim() === '' ? null : draft.hosts.trim(),
  }
  const changed = {
    ...Object.fromEntries(
      Object.entries(wanted).filter(([key, value]) => settings[key as keyof AlertRuleSettings] !== value),
    ),
    ...toldChangeOf(draft.told, settings),
  }
  if (Object.keys(changed).length === 0) return {}
  const reason = draft.reason.trim()
  return { ...changed, ...(reason === '' ? {} : { reason }) }
}
