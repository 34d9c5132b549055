// @vitest-environment node
// Goal: the page finds what was changed behind it. Method: a log with real hashes and signatures, changed in one place.
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import type { AuditLink } from '@rebootless/shared/contract/audit.ts'
import type { Signed } from '@rebootless/shared/contract/signed.ts'
import { AUDIT_CHAIN_START, auditLinkText } from '@rebootless/shared/domain/audit-chain.ts'
import { PAYLOAD_TYPES, signingBytes } from '@rebootless/shared/domain/signing-bytes.ts'
import { describe, expect, test } from 'vitest'
import { verifyLog } from './verify-log.ts'

const { privateKey, publicKey: key } = generateKeyPairSync('ed25519')
const publicKey = key.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64')
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

const chained = (count: number, changed?: number): AuditLink[] => {
  let previousHash = AUDIT_CHAIN_START
  return Array.from({ length: count }, (_, index) => {
    const entry = JSON.stringify({ n: index === changed ? 'other' : index })
    const hash = sha256(auditLinkText(index + 1, previousHash, entry))
    const link = { sequence: index + 1, previousHash, hash, entry }
    previousHash = hash
    return link
  })
}
const headOf = (links: readonly AuditLink[], sequence: number): Signed => {
  const hash = links[sequence - 1]?.hash
  const payload = JSON.stringify({ at: '2026-11-20T10:00:00.000Z', hash, sequence, version: 1 })
  const signature = sign(null, signingBytes(PAYLOAD_TYPES.auditHead, payload), privateKey).toString('base64')
  return { type: PAYLOAD_TYPES.auditHead, payload, signatures: [{ publicKey, signature }] }
}
const verdictOf = async (links: readonly AuditLink[], heads: readonly Signed[]) => {
  const progress: number[] = []
  const verdict = await verifyLog(
    {
      heads: async () => ({ last: links.length, publicKey, heads: [...heads], broken: null, roleOwnsLog: false }),
      chain: async (from) => links.filter(({ sequence }) => sequence >= from).slice(0, 4),
    },
    (done) => progress.push(done),
    new AbortController().signal,
  )
  return { ...verdict, progress }
}
const links = chained(10)

describe('T30 verification in the page', () => {
  test('a sound log, in stretches, with the newest head', async () => {
    expect(await verdictOf(links, [headOf(links, 3), headOf(links, 8)])).toMatchObject({
      entries: 10,
      faults: [],
      forgedHeads: 0,
      signaturesChecked: true,
      head: { sequence: 8 },
      progress: [4, 8, 10],
    })
    expect(await verdictOf([], [])).toMatchObject({ entries: 0, faults: [], head: null })
  })
  test('a changed text, a removed entry, and a log written anew', async () => {
    const faults = async (some: readonly AuditLink[]) =>
      (await verdictOf(some, [headOf(links, 8)])).faults.map(({ kind, sequence }) => `${kind} ${sequence}`)
    expect(await faults(links.map((link) => (link.sequence === 5 ? { ...link, entry: '{}' } : link)))).toEqual([
      'altered 5',
    ])
    expect(await faults(links.filter(({ sequence }) => sequence !== 5))).toEqual(['missing 5'])
    expect(await faults(chained(10, 2))).toEqual(['rewritten 8'])
    expect(await faults(links.slice(0, 6))).toEqual(['cut 7'])
  })
  test('a head whose text was changed is forged, and vouches for nothing', async () => {
    const head = headOf(links, 8)
    const forged = { ...head, payload: head.payload.replace('"sequence":8', '"sequence":9') }
    expect(await verdictOf(links, [forged])).toMatchObject({ forgedHeads: 1, head: null, faults: [] })
  })
})
