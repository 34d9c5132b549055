import { createHash } from 'node:crypto'
import { openBenchDatabase } from '@rebootless/server/bench/bench-database.ts'
import type { ProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { AUDIT_CHAIN_START, auditLinkText } from '@rebootless/shared/domain/audit-chain.ts'

/** How many entries of the audit log do not follow from the one before, by its own account: shared/domain/audit-chain.ts. */
export const brokenAuditLinks = async (program: ProgramUnderTest): Promise<number> => {
  const { kysely, close } = await openBenchDatabase(program)
  try {
    const query = kysely.selectFrom('audit').select(['sequence', 'previous_hash', 'hash', 'entry']).orderBy('sequence')
    let [previous, at, broken] = [AUDIT_CHAIN_START, 0, 0]
    for (const { sequence, previous_hash, hash, entry } of await query.execute()) {
      at += 1
      const right = createHash('sha256')
        .update(auditLinkText(at, previous, entry))
        .digest('hex')
      if (Number(sequence) !== at || previous_hash !== previous || hash !== right) broken += 1
      previous = hash
    }
    return broken
  } finally {
    await close()
  }
}
