import type { Hello } from '@rebootless/shared/contract/agent-message.ts'
import type { AgentPeer } from './client-certificate.ts'
import type { LinkContext } from './link-session.ts'

/** Before the hello is stored, and so before any command could be sent: a second machine must be known for one (T18). */
export const lookAtMachine = async (
  hello: Hello,
  peer: AgentPeer,
  now: Date,
  machineSeen: LinkContext['machineSeen'],
): Promise<void> => {
  const { machineId = null, bootId } = hello
  const news = (said: string | null, known: string | null) => said !== null && said !== known
  if (!news(machineId, peer.machineId) && !news(bootId, peer.bootId)) return
  await machineSeen({ hostId: peer.hostId, machineId, bootId, now })
}

/** Holds the head that a host says it has against our log (T30). A log that cannot be read now is no reason to end the link. */
export const compareAuditHead = async (
  { hostName: name, auditHead }: Hello,
  { hostId: id }: AgentPeer,
  { auditWitness, log }: Pick<LinkContext, 'auditWitness' | 'log'>,
): Promise<void> => {
  if (auditWitness === undefined || auditHead === undefined) return
  await auditWitness.held({ id, name }, auditHead).catch((error: unknown) => {
    log.warn({ hostId: id, err: error }, 'the audit head of a host could not be compared')
  })
}
