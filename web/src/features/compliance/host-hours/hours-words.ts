import type { HostHours } from '@rebootless/shared/contract/host-hours.ts'
import { HOST_HOUR_STAGES, type HostHourStage } from '@rebootless/shared/domain/host-hours/host-hour-words.ts'
import { count, plural } from '../../../ui/duration.ts'
import { dayWord } from '../day.ts'

const GAP = '\u00a0'

/** `1,234 h`, `1.5 h`, `< 0.1 h`: a tenth below ten. What is not nothing never reads as 0. */
export const hoursWord = (hours: number): string => {
  if (hours === 0) return `0${GAP}h`
  if (hours < 0.1) return `<${GAP}0.1${GAP}h`
  const shown = hours < 10 ? Math.round(hours * 10) / 10 : Math.round(hours)
  return `${count(shown)}${GAP}h`
}

export const STAGE_WORDS: Readonly<Record<HostHourStage, { word: string; meaning: string; fill: string }>> = {
  before_fix: {
    ...{ word: 'Before a fix', meaning: 'Disclosed, and no fix was available for the kernel.' },
    fill: 'var(--old-mid)',
  },
  before_loaded: {
    ...{ word: 'Until loaded', meaning: 'A fix was available, and neither in effect nor in transition.' },
    fill: 'var(--old-fill)',
  },
  in_transition: {
    ...{ word: 'In transition', meaning: 'A livepatch was loaded; until it is complete, tasks may run the old code.' },
    fill: 'var(--new-fill)',
  },
  gap: {
    ...{
      word: 'Gaps',
      meaning: 'A fix that had been in effect was gone again, as while an upgrade takes the old one out first.',
    },
    fill: 'var(--danger-fill)',
  },
}

export const exposureOf = (hours: HostHours['hours']): number =>
  HOST_HOUR_STAGES.reduce((sum, stage) => sum + hours[stage], 0)

const dayOf = (instant: string) => instant.slice(0, 10)
/** The last day that has a part in a half-open period. */
const lastDayOf = ({ from, to }: HostHours) =>
  dayOf(new Date(Math.max(Date.parse(from), Date.parse(to) - 1)).toISOString())

/** What the hours came to, in one sentence. */
export const hoursSentence = (told: HostHours, isPast: boolean): string => {
  const total = exposureOf(told.hours)
  const since = told.disclosedOn === dayOf(told.from) ? 'From its disclosure on' : 'From'
  const period = `${since} ${dayWord(dayOf(told.from))} to ${isPast ? dayWord(lastDayOf(told)) : 'now'}`
  if (told.knownSince === null) {
    return isPast
      ? 'None of these hosts had been read by then, so nothing is known of their hours.'
      : 'No host that is meant here has been read, so there are no hours to tell of.'
  }
  if (total === 0)
    return `${period}, no host was exposed to it${told.hours.unknown + told.hours.unjudged > 0 ? ', as far as anybody can tell' : ''}.`
  const { before_fix, before_loaded, in_transition, gap } = told.hours
  const parts = [
    ...(before_fix > 0 ? [`${hoursWord(before_fix)} before a fix was available`] : []),
    ...(before_loaded > 0 ? [`${hoursWord(before_loaded)} until one was loaded`] : []),
    ...(in_transition > 0 ? [`${hoursWord(in_transition)} in transition`] : []),
    ...(gap > 0 ? [`${hoursWord(gap)} in gaps after a fix was gone again`] : []),
  ]
  const [last = '', ...others] = [...parts].reverse()
  const listed = others.length === 0 ? `all ${last}` : `${others.reverse().join(', ')} and ${last}`
  return `${period}, ${plural(told.exposedHosts, 'host was', 'hosts were')} exposed for ${hoursWord(total).replace(/h$/, 'host-hours')} in all: ${listed}.`
}

/** What is not known, and what the numbers cannot tell; each one sentence. */
export const hoursDoubts = (told: HostHours): string[] => {
  const { hours, knownSince, disclosedOn, fixAvailable } = told
  const loaded = hours.before_loaded + hours.in_transition
  return [
    ...(disclosedOn === null ? ['No feed tells when it was disclosed, so every hour of the period counts.'] : []),
    ...(knownSince !== null && (disclosedOn === null || dayOf(knownSince) > disclosedOn)
      ? [
          `Nothing is known before ${dayWord(dayOf(knownSince))}, when the first of these hosts was read, nor of a host before its own first reading.`,
        ]
      : ['Nothing is known of a host before its first reading.']),
    ...(fixAvailable === null
      ? []
      : [
          fixAvailable.first === fixAvailable.last
            ? `Vendors date the fix ${dayWord(fixAvailable.first)}.`
            : `Vendors date the fixes ${dayWord(fixAvailable.first)} to ${dayWord(fixAvailable.last)}, by kernel.`,
        ]),
    ...(told.hoursWithoutFix > 0
      ? [`For ${hoursWord(told.hoursWithoutFix)} no feed names a fix for the kernel, nor does the catalogue.`]
      : []),
    ...(told.hoursOfUndatedFix > 0 && loaded > 0
      ? [
          `Nobody dates the fix of ${hoursWord(told.hoursOfUndatedFix)}: it counts as available since a feed or the catalogue first had it, or a host with the same kernel.`,
        ]
      : []),
    ...(hours.in_transition > 0
      ? ['Whether a livepatch in transition has this very fix is told once it is complete: any one counts.']
      : []),
    ...(hours.unknown > 0
      ? [`For ${hoursWord(hours.unknown)} nobody can tell whether hosts were exposed; they are in no sum.`]
      : []),
    ...(hours.unjudged > 0
      ? [`For ${hoursWord(hours.unjudged)} hosts were known and the CVE was not judged yet; they are in no sum.`]
      : []),
  ]
}
