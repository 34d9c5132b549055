import { useQuery } from '@tanstack/react-query'
import { isOver } from './command-state.tsx'
import { commandsQuery } from './queries.ts'

/** How many commands of a host have not ended; undefined: not known yet. */
export const useOpenCommands = (hostId: string): number | undefined =>
  useQuery({
    ...commandsQuery({ host: hostId }),
    select: ({ items }) => items.filter((command) => !isOver(command)).length,
  }).data
