import { DOUBTS, type Doubt, SEVERITIES } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import type { HostsAsked } from './queries.ts'

const ONLY = [
  ...['within', 'exposed', 'unjudged', 'accepted', 'unknown', 'known_exploited', 'fixed_on_disk', 'unsupported'],
] as const satisfies readonly NonNullable<HostsAsked['only']>[]

/** A number of the summary as an address has it: `severity=critical&overdue=true`. */
export const numberInAddress = (asked: HostsAsked): string =>
  new URLSearchParams(
    Object.entries(asked).filter((entry): entry is [string, string] => entry[1] !== undefined),
  ).toString()

/** Back from an address that anybody may have written: what makes no sense is left out. Undefined: nothing is open. */
export const numberOfAddress = (text: string | undefined): HostsAsked | undefined => {
  if (text === undefined) return undefined
  const given = new URLSearchParams(text)
  const word = <Word extends string>(key: string, words: readonly Word[]) => words.find((one) => one === given.get(key))
  const severity = word('severity', SEVERITIES)
  const doubt = word('doubt', DOUBTS)
  const only = word('only', ONLY)
  const [owner, datacentre] = [given.get('owner'), given.get('datacentre')]
  return {
    ...(severity === undefined ? {} : { severity }),
    ...(owner === null ? {} : { owner }),
    ...(datacentre === null ? {} : { datacentre }),
    ...(given.get('overdue') === 'true' ? { overdue: 'true' as const } : {}),
    ...(doubt === undefined ? {} : { doubt }),
    ...(only === undefined ? {} : { only }),
  }
}

const ONLY_WORDS: Readonly<Record<(typeof ONLY)[number], string>> = {
  within: 'within their SLA',
  exposed: 'with something open',
  unjudged: 'not judged yet',
  accepted: 'with an accepted exposure',
  unknown: 'of which something is not known',
  known_exploited: 'open to a CVE that is known to be exploited',
  fixed_on_disk: 'with a fix on disk that does not run',
  unsupported: 'not supported by the policy’s rule',
}

export const DOUBT_WORDS: Readonly<Record<Doubt, string>> = {
  offline: 'offline, told by their last reading',
  stale: 'silent, told by their last reading',
  forced: 'a livepatch was forced',
  drifted: 'drifted from what was meant',
  in_transition: 'in transition',
  disagreement: 'two accounts of it differ',
  unread: 'part of it could not be read',
}

/** What a number counts, as its list is headed: `Hosts past SLA, critical, owner web`. */
export const numberTitle = (asked: HostsAsked): string => {
  const lead =
    asked.only !== undefined ? `Hosts ${ONLY_WORDS[asked.only]}` : asked.overdue === 'true' ? 'Hosts past SLA' : 'Hosts'
  return [
    lead,
    ...(asked.severity === undefined ? [] : [asked.severity === 'unknown' ? 'not scored' : asked.severity]),
    ...(asked.owner === undefined ? [] : [asked.owner === '' ? 'without an owner' : `owner ${asked.owner}`]),
    ...(asked.datacentre === undefined
      ? []
      : [asked.datacentre === '' ? 'without a datacentre' : `datacentre ${asked.datacentre}`]),
    ...(asked.doubt === undefined ? [] : [DOUBT_WORDS[asked.doubt]]),
  ].join(', ')
}
