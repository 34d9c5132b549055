import type { SlaSpec } from '@rebootless/shared/contract/compliance-policy.ts'
import { SEVERITIES, type Severity } from '@rebootless/shared/domain/exposure/exposure-words.ts'

const severityWord = (severity: Severity): string => (severity === 'unknown' ? 'not scored' : severity)

type Days = Pick<SlaSpec, 'days' | 'knownExploitedDays'>

/** `critical 15 d, high 30 d, medium 90 d, low 180 d, not scored 90 d, known exploited 14 d`. */
export const daysWords = ({ days, knownExploitedDays }: Days): string =>
  [
    ...SEVERITIES.map(
      (severity) => `${severityWord(severity)} ${days[severity] === null ? 'never' : `${days[severity]} d`}`,
    ),
    ...(knownExploitedDays === null ? [] : [`known exploited ${knownExploitedDays} d`]),
  ].join(', ')

const CLOCKS: Readonly<Record<SlaSpec['clock'], string>> = {
  publication: 'Days count from the day on which a CVE was published.',
  fix_available: 'Days count from the day on which a fix was available; without one there is no due date.',
}

const UNKNOWNS: Readonly<Record<SlaSpec['unknown'], string>> = {
  apart: 'What is not known is shown apart, and never as fixed.',
  as_exposed: 'What is not known is held to the same days as an exposure.',
}

/** The rules by which hosts were counted, in sentences for whoever signs; null spec: the policy could not be read. */
export const methodSentences = (spec: SlaSpec | undefined): string[] => [
  'A host is exposed to a CVE while code without the fix runs, or can run, on it; a livepatch counts once its transition has ended.',
  'A fix counts by the data of the host’s own vendor before upstream’s, since vendors carry fixes back.',
  'A host is within its SLA when it is judged and nothing open on it is past its due date.',
  ...(spec === undefined
    ? []
    : [
        CLOCKS[spec.clock],
        ...(spec.notBeforeSeen ? ['On a host that came later they count from when it was first seen exposed.'] : []),
        `They are ${spec.calendar.count === 'working_days' ? 'working' : 'calendar'} days in ${spec.calendar.timeZone}.`,
        UNKNOWNS[spec.unknown],
      ]),
]
