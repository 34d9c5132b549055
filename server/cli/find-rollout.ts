import type { ApiClient } from '@rebootless/shared/contract/api-client.ts'
import { CommandFailure } from './run-command.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** How many of the newest are looked through for a name. */
const LOOKED_AT = 200

/**
 * The id of a rollout that is given by its id, by how its id begins, or by its name, which is then one rollout's alone.
 * @throws CommandFailure
 */
export const findRollout = async (api: ApiClient, word: string): Promise<string> => {
  if (UUID.test(word)) return word
  const { items } = await api.get('/api/v1/rollouts', { query: { limit: LOOKED_AT } })
  const begins = /^[0-9a-f-]{6,}$/.test(word)
  const found = items.filter(({ id, name }) => name === word || (begins && id.startsWith(word)))
  if (found.length === 1 && found[0] !== undefined) return found[0].id
  if (found.length === 0) {
    throw new CommandFailure(`No rollout of the newest ${LOOKED_AT} is called ${word}: see rebootless get rollouts.`)
  }
  const ids = found.map(({ id, phase }) => `  ${id}  ${phase}`)
  throw new CommandFailure(`${found.length} rollouts are called ${word}: say which by its id.\n${ids.join('\n')}`)
}
