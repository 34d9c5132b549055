import type { ProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { brokenAuditLinks } from './audit-chain.ts'
import type { EventFollower } from './event-follower.ts'
import { type Fault, until } from './fault.ts'
import type { Writer } from './writer.ts'

/** Ends the writing, and measures what must hold after every fault: nothing acknowledged is lost, and pages missed nothing. */
export const measureWhatIsKept = async (
  { measured, reached }: Fault,
  { program, writer, follower }: { program: ProgramUnderTest; writer: Writer; follower: EventFollower },
): Promise<void> => {
  await writer.more(5)
  await writer.stop()
  const { authorisations, notes } = writer.acknowledged()
  reached('authorisations acknowledged', '', authorisations, 5)
  reached('notes acknowledged', '', notes, 5)
  measured('of both lost', '', (await writer.lost()).length, 0)
  await until('every command that was acknowledged has ended', async () => (await writer.openCommands()) === 0).catch(
    () => undefined,
  )
  measured('of their commands still open after three minutes', '', await writer.openCommands(), 0)
  reached('events told to a page that stayed open', '', follower.told(), 5)
  measured('events missed', '', (await follower.missed()).length, 0)
  measured('entries of the audit log out of their chain', '', await brokenAuditLinks(program), 0)
}
