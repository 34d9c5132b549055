import { type AudienceOfPage, isAmong } from '@rebootless/shared/domain/audiences.ts'
import { useQuery } from '@tanstack/react-query'
import { sessionQuery } from '../features/access/queries.ts'

/** Those of the ways that whoever looks may go; an address typed by hand still leads there, and is told why not. */
export const useOffered = <Way extends { readonly audience?: AudienceOfPage }>(
  ways: readonly Way[],
): readonly Way[] => {
  const session = useQuery(sessionQuery).data
  return ways.filter(({ audience }) => audience === undefined || isAmong(session, audience))
}
