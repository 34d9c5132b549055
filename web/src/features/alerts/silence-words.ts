import type { Silence } from '@rebootless/shared/contract/alerts.ts'

/** How long a silence may be made for, the shortest first; the longest is just within what the server takes. */
export const SILENCE_LENGTHS = [
  { word: 'For an hour', minutes: 60 },
  { word: 'For 8 hours', minutes: 8 * 60 },
  { word: 'For 3 days', minutes: 3 * 24 * 60 },
  { word: 'For 30 days', minutes: 30 * 24 * 60 - 1 },
] as const

export const endOfSilence = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString()

/** What a silence matches, in words; `title` is that of its rule. */
export const matcherWords = ({ rule, cause, hosts }: Silence['matcher'], title: string | undefined): string =>
  [
    rule === null ? 'Every rule' : (title ?? rule),
    ...(cause === null ? [] : [`of the cause ${cause}`]),
    ...(hosts === null ? [] : [`on hosts ${hosts}`]),
  ].join(', ')
