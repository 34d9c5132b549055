import type { Socket } from 'node:net'
import type { Server, TLSSocket } from 'node:tls'
import { sourceOf } from './source-of.ts'

export interface AdmissionLimits {
  /** A mutual handshake costs some 3 ms of CPU (stack.md): so many at once leave room for those who are in. */
  readonly handshakesMax: number
  /** Connections that wait for their turn; those beyond are closed, and come back by their back-off. */
  readonly waitingMax: number
}

/** What a source is let in by while one of its hosts floods: a thirtieth of a core at most, and its neighbours still get in. */
const SLOW_EVERY_MS = 100
const SLOW_WAITING_MAX = 64
const SLOW_FOR_MS = 60_000

export interface HandshakeAdmission {
  /** From this IP address comes a host that is held off and does not stay away. */
  slowDown(address: string): void
}

const keyOf = (socket: Socket | TLSSocket) => `${socket.remoteAddress}|${socket.remotePort}`

/**
 * Lets only so many TLS handshakes run at once, so that agents who all come back together (T39) neither starve the
 * open links nor fill the memory. Sources take turns, and when too many wait the source that has most of them loses
 * its newest: one that floods us waits behind itself alone (T20). It stands before the server's own `connection`
 * listener, which node:tls documents as the place where connections may be injected.
 */
export const limitHandshakes = (server: Server, limits: AdmissionLimits, timeoutMs: number): HandshakeAdmission => {
  const listeners = server.listeners('connection')
  server.removeAllListeners('connection')
  const running = new Map<string, () => void>()
  const queue = createFairQueue<Socket>()

  const admit = (socket: Socket): void => {
    const key = keyOf(socket)
    const release = () => {
      if (!running.delete(key)) return
      clearTimeout(timer)
      let next = queue.take()
      while (next?.destroyed) next = queue.take()
      if (next !== undefined) admit(next)
    }
    // The surest end of all: whatever events a broken handshake leaves out, its place comes free.
    const timer = setTimeout(release, timeoutMs + 1000)
    timer.unref()
    running.set(key, release)
    socket.once('close', release)
    for (const listener of listeners) listener.call(server, socket)
  }

  const enter = (socket: Socket): void => {
    if (running.size < limits.handshakesMax) {
      admit(socket)
      return
    }
    const source = sourceOf(socket.remoteAddress ?? '')
    socket.once('error', () => socket.destroy())
    socket.once('close', () => queue.leave(source, socket))
    queue.join(source, socket)
    if (queue.size > limits.waitingMax) queue.dropNewestOfLongest()?.destroy()
  }
  const slow = createSlowLanes<Socket>(enter)
  server.on('connection', (socket: Socket) => {
    const source = sourceOf(socket.remoteAddress ?? '')
    if (!slow.has(source)) return enter(socket)
    socket.once('error', () => socket.destroy())
    if (!slow.join(source, socket)) socket.destroy()
  })
  const done = (socket: TLSSocket) => running.get(keyOf(socket))?.()
  server.on('secureConnection', done)
  server.on('tlsClientError', (_error, socket) => done(socket))
  return { slowDown: (address) => slow.open(sourceOf(address)) }
}

/** For sources that are let in one by one, at intervals. A source goes back to the others when it was quiet for a while. */
export const createSlowLanes = <Item extends { readonly destroyed: boolean }>(enter: (item: Item) => void) => {
  const lanes = new Map<string, { waiting: Item[]; until: number; timer: NodeJS.Timeout }>()
  const look = (source: string): void => {
    const lane = lanes.get(source)
    if (lane === undefined) return
    lane.waiting = lane.waiting.filter(({ destroyed }) => !destroyed)
    const next = lane.waiting.shift()
    if (next !== undefined) enter(next)
    else if (performance.now() >= lane.until) {
      clearInterval(lane.timer)
      lanes.delete(source)
    }
  }
  return {
    has: (source: string): boolean => lanes.has(source),
    /** Opens it, or keeps it open. */
    open(source: string): void {
      const until = performance.now() + SLOW_FOR_MS
      const lane = lanes.get(source)
      if (lane !== undefined) lane.until = until
      else lanes.set(source, { waiting: [], until, timer: setInterval(look, SLOW_EVERY_MS, source).unref() })
    },
    /** False: too many wait there. */
    join(source: string, item: Item): boolean {
      const lane = lanes.get(source)
      if (lane === undefined || lane.waiting.length >= SLOW_WAITING_MAX) return false
      lane.waiting.push(item)
      return true
    },
  }
}

/** Who waits, by where he comes from: sources take turns, each in the order in which its own came. */
export const createFairQueue = <Item>() => {
  // A Map keeps the order in which keys were set: the source at the head has its turn, and goes to the end.
  const bySource = new Map<string, Item[]>()
  let size = 0
  const remove = (source: string, items: Item[], at: number): Item | undefined => {
    const [item] = items.splice(at, 1)
    if (item !== undefined) size -= 1
    if (items.length === 0) bySource.delete(source)
    return item
  }
  return {
    get size(): number {
      return size
    },
    join(source: string, item: Item): void {
      const items = bySource.get(source)
      if (items === undefined) bySource.set(source, [item])
      else items.push(item)
      size += 1
    },
    leave(source: string, item: Item): void {
      const items = bySource.get(source)
      const at = items?.indexOf(item) ?? -1
      if (items !== undefined && at >= 0) remove(source, items, at)
    },
    take(): Item | undefined {
      const [source, items] = bySource.entries().next().value ?? []
      if (source === undefined || items === undefined) return undefined
      bySource.delete(source)
      if (items.length > 1) bySource.set(source, items)
      return remove(source, items, 0)
    },
    dropNewestOfLongest(): Item | undefined {
      let longest: [string, Item[]] | undefined
      for (const entry of bySource) if (longest === undefined || entry[1].length > longest[1].length) longest = entry
      return longest && remove(longest[0], longest[1], longest[1].length - 1)
    },
  }
}
