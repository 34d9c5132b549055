import type { Authorisation } from '@rebootless/shared/contract/command.ts'
import type { Signed } from '@rebootless/shared/contract/signed.ts'
import { approvalsNeeded } from '@rebootless/shared/domain/approvals-needed.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import { isSigned } from '../../signing/ed25519.ts'
import type { HostPolicy } from '../config/host-policy.ts'
import { type Refused, refused } from './signatures.ts'

/**
 * Whether enough distinct approvers of this host have signed the authorisation's exact text (threat-model T23, T25). A key
 * that this host does not know counts for nothing: hosts of one authorisation may have different approvers. Whatever
 * else does not fit is a sign of tampering, and refused.
 */
export const checkApprovals = (signed: Signed, authorisation: Authorisation, policy: HostPolicy): Refused | null => {
  const { hostClass, config } = policy
  const needed = approvalsNeeded({ hostClass, threshold: config?.threshold ?? 1 }, authorisation)
  if (needed === 0) return null
  const keys = signed.signatures.map(({ publicKey }) => publicKey)
  if (new Set(keys).size < keys.length) return refused('approver_twice', 'One key has signed twice.')
  const approvers = new Map(config?.approvers.map(({ name, publicKey }) => [publicKey, name]))
  const known = signed.signatures.filter(({ publicKey }) => approvers.has(publicKey))
  const bad = known.find((signature) => !isSigned(signature, PAYLOAD_TYPES.authorisation, signed.payload))
  if (bad !== undefined) {
    return refused('approver_signature', `The signature of ${approvers.get(bad.publicKey)} does not fit the text.`)
  }
  if (known.length >= needed) return null
  const unknown = keys.length - known.length
  const found = `${known.length} of ${needed} approvers of this host have signed`
  return unknown > 0
    ? refused('approver_unknown', `${found}, and ${unknown} whose keys it does not know.`)
    : refused('approvals_missing', `${found}.`)
}
