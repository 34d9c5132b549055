import type { Socket } from 'node:net'
import type { Server, TLSSocket } from 'node:tls'

export interface AdmissionLimits {
  /** A mutual handshake costs some 3 ms of CPU (stack.md): so many at once leave room for those who are in. */
  readonly handshakesMax: number
  /** Connections that wait for their turn; those beyond are closed, and come back by their back-off. */
  readonly waitingMax: number
}

const keyOf = (socket: Socket | TLSSocket) => `${socket.remoteAddress}|${socket.remotePort}`

/**
 * Lets only so many TLS handshakes run at once, so that agents who all come back together (T39) neither starve the
 * open links nor fill the memory. It stands before the server's own `connection` listener, which node:tls documents
 * as the place where connections may be injected.
 */
export const limitHandshakes = (server: Server, limits: AdmissionLimits, timeoutMs: number): void => {
  const listeners = server.listeners('connection')
  server.removeAllListeners('connection')
  const running = new Map<string, () => void>()
  const waiting: Socket[] = []

  const admit = (socket: Socket): void => {
    const key = keyOf(socket)
    const release = () => {
      if (!running.delete(key)) return
      clearTimeout(timer)
      let next = waiting.shift()
      while (next?.destroyed) next = waiting.shift()
      if (next !== undefined) admit(next)
    }
    // The surest end of all: whatever events a broken handshake leaves out, its place comes free.
    const timer = setTimeout(release, timeoutMs + 1000)
    timer.unref()
    running.set(key, release)
    socket.once('close', release)
    for (const listener of listeners) listener.call(server, socket)
  }

  server.on('connection', (socket: Socket) => {
    if (running.size < limits.handshakesMax) admit(socket)
    else if (waiting.length < limits.waitingMax) {
      socket.once('error', () => socket.destroy())
      socket.once('close', () => {
        const at = waiting.indexOf(socket)
        if (at >= 0) waiting.splice(at, 1)
      })
      waiting.push(socket)
    } else socket.destroy()
  })
  const done = (socket: TLSSocket) => running.get(keyOf(socket))?.()
  server.on('secureConnection', done)
  server.on('tlsClientError', (_error, socket) => done(socket))
}
