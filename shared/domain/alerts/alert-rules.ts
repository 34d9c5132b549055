import type { AlertRuleSettings } from '../../contract/alerts.ts'
import type { AlertCondition, AlertConditions, AlertFacts } from './alert-facts.ts'
import { ALERT_RULE_IDS, type AlertRuleId } from './alert-words.ts'
import { DUE_RULES } from './due-rules.ts'
import { EVENT_RULES } from './event-rules.ts'
import { OWN_RULES } from './own-rules.ts'
import { STATE_RULES } from './state-rules.ts'

export interface RuleContext {
  readonly settings: AlertRuleSettings
  /** Milliseconds of the epoch. */
  readonly now: number
}

export interface AlertRuleDefinition {
  readonly title: string
  readonly about: string
  readonly thresholdUnit: string | null
  readonly defaults: AlertRuleSettings
  /** Nothing but what the facts say, so that the same facts find the same. */
  readonly find: (facts: AlertFacts, context: RuleContext) => readonly AlertCondition[]
}

export const ALERT_RULES: Readonly<Record<AlertRuleId, AlertRuleDefinition>> = {
  ...STATE_RULES,
  ...EVENT_RULES,
  ...DUE_RULES,
  ...OWN_RULES,
}

export type SettingsOfRules = ReadonlyMap<AlertRuleId, AlertRuleSettings>

/** Those of people over those that the program brings. */
export const settingsOfRules = (changed: ReadonlyMap<AlertRuleId, Partial<AlertRuleSettings>>): SettingsOfRules =>
  new Map(ALERT_RULE_IDS.map((id) => [id, { ...ALERT_RULES[id].defaults, ...changed.get(id) }]))

/** All that the rules that are on find. */
export const findConditions = (facts: AlertFacts, settings: SettingsOfRules, now: number): AlertConditions => {
  const conditions = new Map<AlertRuleId, readonly AlertCondition[]>()
  for (const rule of ALERT_RULE_IDS) {
    const own = settings.get(rule) ?? ALERT_RULES[rule].defaults
    if (own.enabled) conditions.set(rule, ALERT_RULES[rule].find(facts, { settings: own, now }))
  }
  return conditions
}
