/** What can be signed, each under a type of its own, so that no signature of one counts for another (threat-model T23). */
export const PAYLOAD_TYPES = {
  authorisation: 'application/vnd.rebootless.authorisation+json',
  command: 'application/vnd.rebootless.command+json',
  freeze: 'application/vnd.rebootless.freeze+json',
  auditHead: 'application/vnd.rebootless.audit-head+json',
  /** The payload is the SHA-256 of a module's file, as 64 hexadecimal digits. */
  patch: 'application/vnd.rebootless.patch+sha256',
  agentRelease: 'application/vnd.rebootless.agent-release+json',
} as const
export type PayloadType = (typeof PAYLOAD_TYPES)[keyof typeof PAYLOAD_TYPES]

/** The namespace (OpenSSH, PROTOCOL.sshsig) of the makers' signatures under a release, so that no other of their key's counts. */
export const RELEASE_NAMESPACE = 'rebootless-release'

/**
 * The bytes that a signature covers: type and exact text of what is signed, with the length of both (DSSE v1.0.2,
 * protocol.md, "PAE"): `DSSEv1 SP LEN(type) SP type SP LEN(body) SP body`, lengths in bytes, decimal.
 */
export const signingBytes = (type: PayloadType, payload: string): Uint8Array => {
  const encoder = new TextEncoder()
  const body = encoder.encode(payload)
  const head = encoder.encode(`DSSEv1 ${encoder.encode(type).length} ${type} ${body.length} `)
  const bytes = new Uint8Array(head.length + body.length)
  bytes.set(head)
  bytes.set(body, head.length)
  return bytes
}
