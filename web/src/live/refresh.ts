import { hashKey, type QueryClient, type QueryKey } from '@tanstack/react-query'

/** By cache and key: whether it was asked for once more while an answer was on its way. */
const underWay = new WeakMap<QueryClient, Map<string, boolean>>()

/**
 * Asks for what is shown anew, without dropping an answer on its way: where events come faster than answers, each would
 * cancel the one before, and the page would stand still. One more question follows the answer instead.
 */
export const refresh = (cache: QueryClient, queryKey: QueryKey): void => {
  const asked = underWay.get(cache) ?? new Map<string, boolean>()
  underWay.set(cache, asked)
  const hash = hashKey(queryKey)
  if (asked.has(hash)) {
    asked.set(hash, true)
    void cache.invalidateQueries({ queryKey, refetchType: 'none' })
    return
  }
  // What is being fetched already may have been answered before the event.
  asked.set(hash, cache.isFetching({ queryKey }) > 0)
  const settled = () => {
    const again = asked.get(hash) === true
    asked.delete(hash)
    if (again) refresh(cache, queryKey)
  }
  cache.invalidateQueries({ queryKey }, { cancelRefetch: false }).then(settled, settled)
}
