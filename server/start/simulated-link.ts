import type { WebSocket } from 'ws'
import { dial } from '../agent/link/dial.ts'
import type { AgentIdentity } from '../agent/link/identity.ts'
import type { SimulatedHost } from '../sim/fleet/simulated-host.ts'

/** The way from a simulated host to the server: none while its network is down, and late while that is slow. */
export const createSimulatedLink = (host: SimulatedHost) => {
  let open: WebSocket | null = null
  return {
    dial(identity: AgentIdentity): WebSocket {
      if (host.link.kind === 'lost') throw new Error('the network is unreachable')
      open = late(dial(identity), () => (host.link.kind === 'slow' ? host.link.delayMs : 0))
      return open
    },
    /** To be called when the host's power or link has changed. */
    cutIfLost(): void {
      if (host.link.kind === 'lost' || host.kernel === null) open?.terminate()
    },
  }
}

/** What is sent arrives later, in the order in which it was sent. */
const late = (socket: WebSocket, delayMs: () => number): WebSocket => {
  const send = socket.send.bind(socket)
  let lastAtMs = 0
  socket.send = (data: string): void => {
    const atMs = Math.max(lastAtMs, performance.now() + delayMs())
    lastAtMs = atMs
    const waitMs = atMs - performance.now()
    if (waitMs <= 0) send(data)
    else {
      setTimeout(() => {
        if (socket.readyState === socket.OPEN) send(data)
      }, waitMs)
    }
  }
  return socket
}
