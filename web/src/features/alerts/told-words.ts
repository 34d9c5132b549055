import type { AlertRule } from '@rebootless/shared/contract/alerts.ts'
import { counted, listed } from '@rebootless/shared/domain/sentence.ts'

type Told = Pick<AlertRule, 'settings' | 'named'>

/** By name where the reader may know it, else how many. */
const channelsWord = (ids: readonly string[], named: AlertRule['named']): string => {
  const names = named.filter(({ id }) => ids.includes(id)).map(({ name }) => name)
  return names.length === 0 ? counted(ids.length, 'channel') : listed(names)
}

/** Whether it names channels and all of them were removed, so that none is told when it fires. */
export const namesNoneThatIsThere = ({ settings: { channels }, named }: Told): boolean =>
  channels !== null && channels.length > 0 && !named.some(({ id }) => channels.includes(id))

/** Who is told when it fires. */
export const toldWords = ({ settings: { channels }, named }: Told): string => {
  if (channels === null) return 'channels that take such alerts'
  return channels.length === 0 ? 'nobody' : `${channelsWord(channels, named)} alone`
}

/** Who is told later, a line a step. */
export const escalationWords = ({ settings: { escalation }, named }: Told): string[] =>
  escalation.map(({ afterMinutes, channels }) => `after ${afterMinutes} min ${channelsWord(channels, named)}`)
