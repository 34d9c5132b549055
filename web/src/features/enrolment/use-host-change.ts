import { useQueryClient } from '@tanstack/react-query'
import { queryKeys } from '../../api/query-keys.ts'

/** What asks for all of a host anew, after an act on it. */
export const useHostChange = (id: string) => {
  const cache = useQueryClient()
  return () => void cache.invalidateQueries({ queryKey: queryKeys.host(id) })
}
