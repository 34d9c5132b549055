import { printable } from '@rebootless/shared/domain/printable.ts'
import { readHostPolicy } from '../config/host-policy.ts'
import { type InspectOptions, inspect } from '../inspect.ts'
import { openJournal } from '../journal/journal.ts'
import { journalFile } from '../journal/journal-file.ts'
import { readIdentity } from '../link/identity.ts'
import { AGENT_VERSION } from '../version.ts'
import { type Arguments, EXIT } from './arguments.ts'

interface SelfTestContext extends InspectOptions {
  readonly terminal: { out(text: string): void; error(text: string): void }
  /** To the agent that asks. */
  readonly tell?: ((version: string) => void) | undefined
}

/** Whether what an agent before it has left can be read, and this kernel; a new agent is asked before it is tried. */
export const selfTestCommand = async (
  words: Arguments,
  { terminal, tell, ...host }: SelfTestContext,
  userId: number,
): Promise<number> => {
  const identity = await readIdentity(words.data)
  const { damage } = await openJournal(journalFile(words.data))
  const { reason } = await readHostPolicy(words.config, userId)
  const wrong = identity === undefined ? 'this host is not enrolled' : (damage ?? reason)
  if (wrong !== null) {
    terminal.error(`${AGENT_VERSION} could not run here: ${printable(wrong)}\n`)
    return EXIT.failed
  }
  await inspect(host)
  terminal.out(`${AGENT_VERSION} could run here.\n`)
  tell?.(AGENT_VERSION)
  return EXIT.done
}
