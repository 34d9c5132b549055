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
  machineId: string | null
  bootId: string | null
}

const newer = (message: ReadingMessage, than: ReadingMessage | undefined): boolean =>
  than === undefined || message.epoch > than.epoch || (message.epoch === than.epoch && message.sequence > than.sequence)

/** Both ports over plain maps, by the rules that the ports state: for tests of the link without a database. */
export const createMemoryStore = () => {
  const tokens = new Map<string, { expiresAt: Date; usesLeft: number; origin: HostOrigin }>()
  const hosts = new Map<string, MemoryHost>()
  const certificates = new Map<string, { hostId: string; revoked: boolean }>()
  /** Every message that changed something, in the order of its arrival. */
  const applied: { hostId: string; message: ReadingMessage }[] = []
  let failing: Error | undefined
  let held: Promise<void> = Promise.resolve()

  /** By fingerprint of the key. */
  const waiting = new Map<string, 'waiting' | 'approved' | 'denied'>()
  const refusals: string[] = []
  const addHost = ({ id, name }: { id: string; name: string }, origin: HostOrigin): void => {
    const unheard = { linkId: undefined, skewMs: undefined, machineId: null, bootId: null }
    hosts.set(id, { id, name, origin, latest: {}, ...unheard })
  }

  const store: EnrolmentStore = {
    async addToken({ hash, expiresAt, origin = 'agent', uses = 1 }) {
      tokens.set(hash, { expiresAt, usesLeft: uses, origin })
    },
    async tokenIsGood(tokenHash, now) {
      const token = tokens.get(tokenHash)
      return token !== undefined && token.usesLeft > 0 && token.expiresAt > now
    },
    async enrol({ tokenHash, host, certificate, now }) {
      const token = tokens.get(tokenHash)
      if (token === undefined || token.usesLeft === 0 || token.expiresAt <= now) return false
      token.usesLeft -= 1
      addHost(host, token.origin)
      certificates.set(certificate.fingerprint, { hostId: host.id, revoked: false })
      return true
    },
    async enrolmentRefused({ problem }) {
      refusals.push(problem)
    },
    async ask({ who, keyFingerprint, certify, now }) {
      const asked = waiting.get(keyFingerprint)
      if (asked === undefined) waiting.set(keyFingerprint, 'waiting')
      if (asked === 'denied') return { state: 'denied' }
      if (asked !== 'approved') return { state: 'waiting', expiresAt: new Date(now.getTime() + 3_600_000) }
      const id = crypto.randomUUID()
      const certificate = await certify(id)
      addHost({ id, name: who.name }, 'agent')
      certificates.set(certificate.fingerprint, { hostId: id, revoked: false })
      return { state: 'enrolled', hostId: id }
    },
    async machineSeen({ hostId, machineId, bootId }) {
      const host = hostOf(hostId)
      host.machineId = machineId ?? host.machineId
      host.bootId = bootId ?? host.bootId
    },
    async certifiedHost(fingerprint) {
      const found = certificates.get(fingerprint)
      if (found === undefined || found.revoked) return undefined
      const { hostId } = found
      // A Map keeps the order of issue.
      const oldest = [...certificates].find(([, other]) => other.hostId === hostId && !other.revoked)?.[0]
      const epochs = Object.values(hostOf(hostId).latest).map(({ epoch }) => epoch)
      const epochSeen = epochs.length === 0 ? null : Math.max(...epochs)
      const { machineId, bootId } = hostOf(hostId)
      return { hostId, supersedes: oldest !== fingerprint, epochSeen, machineId, bootId }
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
    /** Problems of those who were not let in. */
    refusals,
    waiting,
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
