import type { CommandView } from '../contract/commands-api.ts'
import type { PatchStatus } from '../contract/host.ts'

/** Between the host's reading of its patch and what the server wrote down of the command, clocks set right as they are. */
const TOLERANCE_MS = 60_000

/**
 * The command that put a patch where it is now: the newest one by which it was loaded or enabled and that was done, unless
 * the patch went in at another time, as after a reboot, or by hand.
 * @param commands of this host, newest first
 * @param clockSkewMs of HostDetail: the patch's times are by the host's clock
 */
export const broughtBy = (
  { name, order, enabledAt }: Pick<PatchStatus, 'name' | 'order' | 'enabledAt'>,
  commands: readonly CommandView[],
  clockSkewMs: number | null,
): CommandView | undefined => {
  if (order === null || enabledAt === null) return undefined
  const command = commands.find(
    ({ state, part, action, patch }) =>
      state === 'done' && part === 'action' && patch === name && (action === 'load' || action === 'enable'),
  )
  if (command === undefined || command.endedAt === null) return undefined
  const at = Date.parse(enabledAt) - (clockSkewMs ?? 0)
  const isThen = at >= Date.parse(command.createdAt) - TOLERANCE_MS && at <= Date.parse(command.endedAt) + TOLERANCE_MS
  return isThen ? command : undefined
}
