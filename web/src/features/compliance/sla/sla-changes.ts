import type { SlaSpec } from '@rebootless/shared/contract/compliance-policy.ts'
import { SEVERITIES } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { daysWords } from '../sla-words.ts'

const daysWord = (days: number | null): string => (days === null ? 'never' : `${days} d`)

/** `shorter`: dates come nearer, so hosts that are within may be past at once. */
export interface SlaChange {
  readonly text: string
  readonly shorter: boolean
}

const isShorter = (before: number | null, after: number | null): boolean =>
  after !== null && (before === null || after < before)

/** What another policy would change, one line a change: seen before it is set. */
export const slaChanges = (before: SlaSpec, after: SlaSpec): SlaChange[] => {
  const changes: SlaChange[] = []
  const add = (text: string, shorter = false) => changes.push({ text, shorter })
  for (const severity of SEVERITIES) {
    const [old, next] = [before.days[severity], after.days[severity]]
    const word = severity === 'unknown' ? 'Not scored' : `${severity.charAt(0).toUpperCase()}${severity.slice(1)}`
    if (old !== next) add(`${word}: ${daysWord(old)} → ${daysWord(next)}`, isShorter(old, next))
  }
  if (before.knownExploitedDays !== after.knownExploitedDays)
    add(
      `Known exploited: ${daysWord(before.knownExploitedDays)} → ${daysWord(after.knownExploitedDays)}`,
      isShorter(before.knownExploitedDays, after.knownExploitedDays),
    )
  if (before.clock !== after.clock)
    add(
      after.clock === 'publication'
        ? 'Days count from publication, with a fix or without one.'
        : 'Days count from when a fix is available.',
      after.clock === 'publication',
    )
  if (before.notBeforeSeen !== after.notBeforeSeen)
    add(
      after.notBeforeSeen
        ? 'On a host that came later, days count from when it was first seen exposed.'
        : 'Days count from the same day on every host, whenever it came.',
      !after.notBeforeSeen,
    )
  if (before.unknown !== after.unknown)
    add(
      after.unknown === 'as_exposed'
        ? 'What is not known counts as exposed.'
        : 'What is not known is shown apart and has no date.',
      after.unknown === 'as_exposed',
    )
  if (before.supported !== after.supported) add('Which hosts count as supported goes by the other rule.')
  if (JSON.stringify(before.calendar) !== JSON.stringify(after.calendar))
    add(
      `Days are ${after.calendar.count === 'working_days' ? 'working' : 'calendar'} days in ${after.calendar.timeZone}, with ${after.calendar.holidays.length} holidays.`,
      before.calendar.count === 'working_days' && after.calendar.count === 'calendar_days',
    )
  const old = new Map(before.overrides.map((one) => [one.name, one]))
  for (const one of after.overrides) {
    const known = old.get(one.name)
    if (known === undefined) add(`${one.name}, for ${one.hosts}: ${daysWords(one)}.`, true)
    else if (JSON.stringify(known) !== JSON.stringify(one)) add(`${one.name}, for ${one.hosts}: now ${daysWords(one)}.`)
    old.delete(one.name)
  }
  for (const name of old.keys()) add(`${name} goes: its hosts have the days of all.`)
  return changes
}
