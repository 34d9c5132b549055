import { LINK_CLOSE } from '@rebootless/shared/domain/agent-link.ts'
import type { LinkSession } from './link-session.ts'
import type { EnrolmentStore } from './ports.ts'

/** The links that this backend holds: at most one for each host, the newest. */
export const createLinkRegistry = (context: {
  store: Pick<EnrolmentStore, 'hostsOfCertificates'>
  now: () => Date
}) => {
  const links = new Map<string, LinkSession>()
  const ending = new Set<Promise<void>>()
  let closing = false

  return {
    get size(): number {
      return links.size
    },
    add(link: LinkSession): void {
      if (closing) link.close(LINK_CLOSE.goingAway)
      links.get(link.peer.hostId)?.refuse('replaced', 'Another link of this host was opened.', LINK_CLOSE.replaced)
      links.set(link.peer.hostId, link)
      const ended = link.ended.finally(() => {
        ending.delete(ended)
        if (links.get(link.peer.hostId) === link) links.delete(link.peer.hostId)
      })
      ending.add(ended)
    },
    /**
     * Asks again whether each certificate still holds, so that revoking one cuts its open link even when every
     * notification of it was lost (T17). A store that cannot answer changes nothing: reading goes on.
     */
    async recheckCertificates(): Promise<void> {
      const open = [...links.values()]
      const good = await context.store
        .hostsOfCertificates(open.map(({ peer }) => peer.fingerprint))
        .catch(() => undefined)
      for (const { peer, refuse } of open) {
        if (!(context.now() < peer.expiresAt)) {
          refuse('certificate_refused', 'The certificate of this agent has expired: enrol the host again.')
        } else if (good !== undefined && good.get(peer.fingerprint) !== peer.hostId) {
          refuse('certificate_refused', 'The certificate of this agent was revoked.')
        }
      }
    },
    tellAuditHead(): void {
      for (const link of links.values()) link.tellAuditHead()
    },
    /** The authorities are others now: whoever understands it is told. */
    tellAuthorities(): void {
      for (const link of links.values()) link.tellAuthorities()
    },
    /** So many of them, by chance, are asked to go to another server. @returns how many were */
    askToGo(count: number, random: () => number): number {
      const open = [...links.values()]
      let asked = 0
      while (asked < count && open.length > 0) {
        const [link] = open.splice(Math.floor(random() * open.length), 1)
        if (link?.askToGo() === true) asked += 1
      }
      return asked
    },
    async closeAll(): Promise<void> {
      closing = true
      for (const link of links.values()) link.close(LINK_CLOSE.goingAway)
      await Promise.all(ending)
    },
  }
}
