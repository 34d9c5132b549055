import { HOST_STATE_WORDS } from '@rebootless/shared/domain/state-words.ts'
import { HOST_STATES, type HostState } from '@rebootless/shared/domain/words.ts'
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { alertCountsQuery } from '../features/alerts/queries.ts'
import { fleetCountsQuery } from '../features/fleet/queries.ts'

const CALM: readonly HostState[] = ['patched', 'unsupported']

/** The most urgent state that any host is in, calm ones left out; null while nothing is wrong or nothing is known. */
const worstState = (byState: Partial<Record<HostState, number>>): HostState | null =>
  HOST_STATES.find((state) => !CALM.includes(state) && (byState[state] ?? 0) > 0) ?? null

/**
 * Names the page in the tab; title and icon carry the fleet's worst state, the title how many alerts fire that nobody has taken up, as
 * the rail does, and the icon a dot when one of them pages.
 * @param own what the page itself is about stands in the place of the fleet: how it is, in a word
 */
export const usePageTitle = (page: string, own: { word: string; state: HostState } | null = null): void => {
  const byState = useQuery({ ...fleetCountsQuery, select: (counts) => counts.byState }).data
  const worst = byState ? worstState(byState) : null
  const ofFleet = worst && byState ? `${byState[worst]} ${HOST_STATE_WORDS[worst].word.toLowerCase()} · ` : ''
  const { page: paging = 0, ticket = 0 } = useQuery(alertCountsQuery).data ?? {}
  const firing = paging + ticket === 0 ? '' : `(${paging + ticket}) `
  const lead = own === null ? `${firing}${ofFleet}` : `${own.word} · `
  const state = own?.state ?? (!byState ? 'none' : (worst ?? 'patched'))
  const icon = paging > 0 ? `${state}-paging` : state
  useEffect(() => {
    document.title = `${lead}${page} · Rebootless`
  }, [lead, page])
  useEffect(() => {
    const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
    if (link) link.href = `/state/${icon}.svg`
  }, [icon])
}
