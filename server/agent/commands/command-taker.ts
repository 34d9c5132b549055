import type { CommandMessage, CommandResult } from '@rebootless/shared/contract/agent-message.ts'
import type { Signed } from '@rebootless/shared/contract/signed.ts'

/** Who takes what the server wants done. */
export interface CommandTaker {
  command(message: CommandMessage): void
  freeze(freeze: Signed): void
  /** The server has this result now. */
  acknowledged(result: CommandResult): void
}
