import { Freeze } from '@rebootless/shared/contract/command.ts'
import type { PublicKey, Signed } from '@rebootless/shared/contract/signed.ts'
import { CLOCK_SKEW_MS_MAX } from '@rebootless/shared/domain/agent-link.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import type { Journal } from '../journal/journal.ts'
import { checkServer, parseSigned } from './signatures.ts'

export interface FreezeKeeper {
  take(freeze: Signed): void
  isFrozen(): boolean
  /** Once all that was taken so far holds: a command behind a lifting must find it lifted. */
  settled(): Promise<void>
}

/**
 * Whether the server has frozen all changes: of two of its words, the one with the greater (epoch, sequence) holds, over
 * restarts (threat-model T28). A freeze holds from the moment it is read, also when it cannot be written down; a lifting
 * only once it is.
 */
export const createFreezeKeeper = (options: {
  readonly journal: Journal
  readonly commandKey: () => Promise<PublicKey | undefined>
  readonly nowMs: () => number
  readonly warn: (text: string) => void
}): FreezeKeeper => {
  const { journal, warn } = options
  let held = journal.state.freeze
  let turn: Promise<void> = Promise.resolve()

  const take = async (signed: Signed): Promise<void> => {
    const bad = checkServer(signed, PAYLOAD_TYPES.freeze, await options.commandKey())
    if (bad !== null) return warn(`a freeze was refused: ${bad.detail}`)
    const parsed = parseSigned(signed, Freeze)
    if (!parsed.ok) return warn(`a freeze was refused: ${parsed.detail}`)
    const { epoch, sequence, frozen, at } = parsed.value
    if (held !== null && (epoch < held.epoch || (epoch === held.epoch && sequence <= held.sequence))) return
    if (frozen) held = { epoch, sequence, frozen }
    // A time that is ahead of ours by more than is allowed must not stop the host for good.
    const isAhead = Date.parse(at) - options.nowMs() > CLOCK_SKEW_MS_MAX
    const signedAt = isAhead ? new Date(options.nowMs()).toISOString() : at
    await journal.write({ kind: 'freeze', epoch, sequence, frozen, signedAt })
    held = { epoch, sequence, frozen }
    warn(frozen ? 'all changes are frozen by the server' : 'changes are not frozen by the server')
  }

  return {
    take(signed) {
      turn = turn
        .then(() => take(signed))
        .catch((error: unknown) =>
          warn(`a freeze could not be written down: ${error instanceof Error ? error.message : error}`),
        )
    },
    isFrozen: () => held?.frozen === true,
    settled: () => turn,
  }
}
