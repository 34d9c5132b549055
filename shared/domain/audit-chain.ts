/** The link before the first one. */
export const AUDIT_CHAIN_START = '0'.repeat(64)

/** What the hash of one link is taken over (SHA-256): its place, the link before it, and the entry's exact text. */
export const auditLinkText = (sequence: number, previousHash: string, entry: string): string =>
  `rebootless audit\n${sequence}\n${previousHash}\n${entry}`
