import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { PROTOCOL_VERSION } from '@rebootless/shared/contract/agent-message.ts'
import type { AgentIdentity } from '../agent/link/identity.ts'
import type { HelloFacts } from '../agent/link/outbox.ts'
import { connect } from '../bff/database/connect.ts'
import { insertNewHosts, type NewHost } from '../bff/enrolment/new-hosts.ts'
import { openCertificateAuthorities } from '../bff/link/certificate-authorities.ts'
import type { ProgramUnderTest } from './program-under-test.ts'

const AT_ONCE = 500

/**
 * So many hosts with keys and certificates of the program's own authority, put into its database as enrolment does: what
 * enrolling costs is measured elsewhere.
 */
export const makeBareHosts = async (program: ProgramUnderTest, count: number): Promise<AgentIdentity[]> => {
  const authorities = await openCertificateAuthorities(program.dataDirectory, new Date())
  const authority = authorities.shown()
  const silent = () => undefined
  const log = { info: silent, warn: silent, error: silent }
  const database = await connect({ databaseUrl: await program.databaseUrl(), log })
  const identities: AgentIdentity[] = []
  const one = async (index: number): Promise<NewHost> => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const [hostId, now] = [randomUUID(), new Date()]
    const key = publicKey.export({ type: 'spki', format: 'der' })
    const certificate = await authority.issueAgentCertificate({ hostId, publicKey: key, now })
    identities.push({
      ...{ hostId, certificate: certificate.certificatePem, certificateAuthority: authority.certificatePem },
      ...{
        expiresAt: certificate.expiresAt.toISOString(),
        server: program.agentAddress,
        enrolledAt: now.toISOString(),
      },
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    })
    const host = { id: hostId, name: `bare-${index}`, address: null }
    return { host, certificate, labels: {}, origin: 'agent', letInBy: 'the bench', tokenId: null, now }
  }
  try {
    for (let from = 0; from < count; from += AT_ONCE) {
      const length = Math.min(AT_ONCE, count - from)
      const some = await Promise.all(Array.from({ length }, (_, index) => one(from + index)))
      await database.kysely.transaction().execute((transaction) => insertNewHosts(transaction, some))
    }
  } finally {
    await database.close()
  }
  return identities
}

/** What such a host says of itself: class `lab`, so that it can be told to do something at once. */
export const bareHello = (hostName: string): HelloFacts => ({
  ...({ protocol: PROTOCOL_VERSION, agentVersion: 'bench', hostName, hostClass: 'lab', origin: 'agent' } as const),
  bootId: `boot of ${hostName}`,
  policy: {
    ...({ hostClass: 'lab', reason: null, approvers: [], threshold: 1, hours: null } as const),
    ...{ neverForce: false, stopped: false },
  },
})
