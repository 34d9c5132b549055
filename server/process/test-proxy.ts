import { once } from 'node:events'
import { createConnection, createServer, type NetConnectOpts, type Socket } from 'node:net'

/**
 * How the way to the other side is: `open`; `cut`, every connection is reset at once; `silent`, as after a power cut or behind a
 * firewall that forgot: all stay open, and new ones are taken, but nothing comes through any more.
 */
export type Way = 'open' | 'cut' | 'silent'

export interface TestProxy {
  readonly port: number
  /** From now on. A connection that was silent stays so: what it lost would be missing. */
  set(way: Way): void
  /** How long each piece takes, both ways, from now on. */
  delay(milliseconds: number): void
  close(): Promise<void>
}

/**
 * A proxy on a port of loopback before a server that is to be far away, slow or gone.
 * @param upstream a function is asked at each connection, as a balancer chooses; undefined: nobody is there, and it is reset
 */
export const startTestProxy = async (
  upstream: NetConnectOpts | (() => NetConnectOpts | undefined),
): Promise<TestProxy> => {
  const sockets = new Set<Socket>()
  let way: Way = 'open'
  let delayMs = 0

  const carry = (from: Socket, to: Socket): void => {
    let [order, lost] = [Promise.resolve(), false]
    const later = (work: () => void): void => {
      const waited = delayMs === 0 ? undefined : new Promise((resolve) => setTimeout(resolve, delayMs))
      order = order.then(() => waited).then(work)
    }
    from.on('data', (piece) => {
      lost ||= way === 'silent'
      if (!lost) later(() => void (to.writable && to.write(piece)))
    })
    from.on('error', () => undefined)
    from.once('close', () => {
      sockets.delete(from)
      if (way !== 'silent') later(() => void to.destroy())
    })
  }

  const server = createServer({ noDelay: true }, (near) => {
    const goesTo = typeof upstream === 'function' ? upstream() : upstream
    if (way === 'cut' || goesTo === undefined) return void near.resetAndDestroy()
    const far = createConnection(goesTo)
    for (const socket of [near, far]) sockets.add(socket)
    carry(near, far)
    carry(far, near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    set(next) {
      way = next
      if (next === 'cut') for (const socket of sockets) socket.destroy()
    },
    delay(milliseconds) {
      delayMs = milliseconds
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
