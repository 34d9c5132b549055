import { createHash } from 'node:crypto'
import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'

/** Of the names that we make ids of. */
const NAMESPACE = Buffer.from('5d0cf5b48c1f4b1f9b7e0c6f2f6a7e31', 'hex')

/** Of a plan's name and content, so that the same file applied twice is one rollout: UUID version 5 (RFC 9562, 5.5). */
export const rolloutIdOf = (plan: RolloutPlan): string => {
  const bytes = createHash('sha1').update(NAMESPACE).update(canonicalJson(plan)).digest().subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
