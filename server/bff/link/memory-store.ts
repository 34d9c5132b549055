import type { ReadingMessage } from '@rebootless/shared/contract/agent-message.ts'
import type { HostOrigin } from '@rebootless/shared/domain/words.ts'
import type { EnrolmentStore, Ingest } from './ports.ts'

interface MemoryHost {
  readonly id: string
  readonly name: string
  readonly origin: HostOrigin
  /** The newest message of each kind. */
  readonly latest: Partial<{ [T in ReadingMessage['type']]: Extract<ReadingMessage, { type: T }> }>
  linkId: string | undefined
  skewMs: number | undefined
}

const newer = (message: ReadingMessage, than: ReadingMessage | undefined): boolean =>
  than === undefined || message.epoch > than.epoch || (message.epoch === than.epoch && message.sequence > than.sequence)

/** Both ports over plain maps, by the rules that the ports state: for tests of the link without a database. */
export const createMemoryStore = () => {
  const tokens = new Map<string, { expiresAt: Date; used: boolean; origin: HostOrigin }>()
  const hosts = new Map<string, MemoryHost>()
  const certificates = new Map<string, { hostId: string; revoked: boolean }>()
  /** Every message that changed something, in the order of its arrival. */
  const applied: { hostId: string; message: ReadingMessage }[] = []
  let failing: Error | undefined
  let held: Promise<void> = Promise.resolve()

  const store: EnrolmentStore = {
    async addToken({ hash, expiresAt, origin = 'agent' }) {
      tokens.set(hash, { expiresAt, used: false, origin })
    },
    async tokenIsGood(tokenHash, now) {
      const token = tokens.get(tokenHash)
      return token !== undefined && !token.used && token.expiresAt > now
    },
    async enrol({ tokenHash, host, certificate, now }) {
      const token = tokens.get(tokenHash)
      if (token === undefined || token.used || token.expiresAt <= now) return false
      token.used = true
      hosts.set(host.id, { ...host, origin: token.origin, latest: {}, linkId: undefined, skewMs: undefined })
      certificates.set(certificate.fingerprint, { hostId: host.id, revoked: false })
      return true
    },
    async certifiedHost(fingerprint) {
      const found = certificates.get(fingerprint)
      if (found === undefined || found.revoked) return undefined
      const { hostId } = found
      // A Map keeps the order of issue.
      const oldest = [...certificates].find(([, other]) => other.hostId === hostId && !other.revoked)?.[0]
      const epochs = Object.values(hostOf(hostId).latest).map(({ epoch }) => epoch)
      return { hostId, supersedes: oldest !== fingerprint, epochSeen: epochs.length === 0 ? null : Math.max(...epochs) }
    },
    async hostsOfCertificates(fingerprints) {
      const good = fingerprints.flatMap((fingerprint) => {
        const found = certificates.get(fingerprint)
        return found === undefined || found.revoked ? [] : [[fingerprint, found.hostId] as const]
      })
      return new Map(good)
    },
    async addCertificate({ hostId, certificate }) {
      if (!hosts.has(hostId)) return false
      certificates.set(certificate.fingerprint, { hostId, revoked: false })
      return true
    },
    async certificateUsed(fingerprint) {
      const used = certificates.get(fingerprint)
      for (const [other, certificate] of certificates) {
        if (other === fingerprint) return // a Map keeps the order of issue
        if (certificate.hostId === used?.hostId) certificate.revoked = true
      }
    },
  }
  const hostOf = (hostId: string): MemoryHost => {
    const host = hosts.get(hostId)
    if (host === undefined) throw new Error(`no host ${hostId}`)
    return host
  }
  const ingest: Ingest = {
    async accept(hostId, message) {
      await held
      if (failing !== undefined) throw failing
      const { latest } = hostOf(hostId)
      if (newer(message, latest[message.type])) {
        Object.assign(latest, { [message.type]: message })
        applied.push({ hostId, message })
      }
      return { snapshotWanted: message.type === 'heartbeat' && latest.snapshot?.hash !== message.snapshotHash }
    },
    async linkOpened(hostId, linkId, hello, receivedAt) {
      const host = hostOf(hostId)
      await ingest.accept(hostId, hello, receivedAt)
      host.linkId = linkId
      return { clockSkewMs: host.skewMs ?? null, snapshotWanted: false }
    },
    async linkClosed(hostId, linkId) {
      const host = hostOf(hostId)
      if (host.linkId === linkId) host.linkId = undefined
    },
    async clockMeasured(hostId, skewMs) {
      hostOf(hostId).skewMs = skewMs
    },
  }
  return {
    store,
    ingest,
    applied,
    host: hostOf,
    hostIds: () => [...hosts.keys()],
    revoke(hostId: string): void {
      for (const certificate of certificates.values()) if (certificate.hostId === hostId) certificate.revoked = true
    },
    /** From now on no message is stored, until what is answered here is called. */
    hold(): () => void {
      let release = () => {}
      held = new Promise((resolve) => {
        release = resolve
      })
      return release
    },
    /** From now on every message fails to be stored; undefined mends it. */
    fail(error: Error | undefined): void {
      failing = error
    },
  }
}
