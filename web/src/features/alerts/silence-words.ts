import type { Silence } from '@rebootless/shared/contract/alerts.ts'

/** How long a silence may be made for, the shortest first; the longest is just within what the server takes. */
export const SILENCE_LENGTHS = [
  { word: 'For an hour', minutes: 60 },
  { word: 'For 8 hours', minutes: 8 * 60 },
  { word: 'For 3 days', minutes: 3 * 24 * 60 },
  { word: 'For 30 days', minutes: 30 * 24 * 60 - 1 },
] as const

export const endOfSilence = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString()

/** What a silence matches, in words; `title` is that of its rule. A cause says itself what it is, once an alert of it is kept. */
export const matcherWords = (
  { matcher: { rule, cause, hosts }, causeTitle }: Pick<Silence, 'matcher' | 'causeTitle'>,
  title: string | undefined,
): string =>
  [
    rule === null ? 'Every rule' : (title ?? rule),
    ...(cause === null ? [] : [causeTitle === null ? `of the cause ${cause}` : `only “${causeTitle}”`]),
    ...(hosts === null ? [] : [`on hosts ${hosts}`]),
  ].join(', ')
