/**
 * A process of `npm run bench -- flood`: one host after the other floods as it is told, and comes back at once whenever it
 * is cut. It takes what processor nobody else wants, as a flooder elsewhere would take none of the server's.
 */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { dial } from '../agent/link/dial.ts'
import type { AgentIdentity } from '../agent/link/identity.ts'
import { bareHello } from './bare-hosts.ts'
import { bareSnapshot } from './bare-snapshot.ts'
import type { Flood, FloodOrder, FloodTally } from './floods.ts'

const LOWEST_PRIORITY = 19
const BUFFERED_MAX = 1024 * 1024
const AT_ONCE = 200
/** As link/agent-server.ts allows in the long run, a little less. */
const ALLOWED_EVERY_MS = 55
const ALLOWED_BYTES = 24_000

let sequence = 0
const stamp = () => {
  sequence += 1
  return { epoch: 1, sequence, sentAt: new Date().toISOString() }
}
const hash = () => sequence.toString(16).padStart(64, '0')
const snapshot = (host: number, bytes: number) => ({
  ...bareSnapshot(`bare-${host}`),
  raw: Array.from({ length: Math.ceil(bytes / 16_000) }, (_, index) => ({
    ...{ path: `/sys/${index}`, content: `${sequence} ${'x'.repeat(15_900)}`, errno: null, truncated: false },
  })),
})
const message = (flood: Flood, host: number): string => {
  const at = stamp()
  if (flood === 'heartbeats') return JSON.stringify({ type: 'heartbeat', ...at, snapshotHash: hash() })
  if (flood === 'results') {
    const result = { commandId: randomUUID(), state: 'done', code: null, detail: 'x'.repeat(1000), at: at.sentAt }
    return JSON.stringify({ type: 'result', ...at, ...result })
  }
  const bytes = flood === 'snapshots' ? 900_000 : ALLOWED_BYTES
  return JSON.stringify({ type: 'snapshot', ...at, hash: hash(), snapshot: snapshot(host, bytes) })
}

const [file = ''] = process.argv.slice(2)
const identities: AgentIdentity[] = JSON.parse(await readFile(file, 'utf8'))
setPriority(LOWEST_PRIORITY)
let order: FloodOrder = { flood: null, host: 0 }
const tally = { frames: 0, links: 0, turnedAway: 0 }

/** One link from its opening to its end. */
const link = (now: FloodOrder, identity: AgentIdentity): Promise<void> =>
  new Promise((resolve) => {
    const { flood, host } = now
    const socket = dial(identity)
    let greeted = false
    const goOn = (): void => {
      if (flood === null || order !== now || flood === 'connections') {
        socket.terminate()
        return
      }
      if (socket.readyState !== socket.OPEN) return
      const [most, wait] = flood === 'all that is allowed' ? [1, ALLOWED_EVERY_MS] : [AT_ONCE, 0]
      for (let n = 0; n < most && socket.bufferedAmount < BUFFERED_MAX; n += 1) {
        if (flood === 'pings') socket.ping()
        else socket.send(message(flood, host))
        tally.frames += 1
      }
      setTimeout(goOn, wait)
    }
    socket.on('error', () => undefined)
    socket.on('unexpected-response', () => {
      tally.turnedAway += 1
      socket.terminate()
    })
    socket.on('open', () => {
      tally.links += 1
      socket.send(JSON.stringify({ type: 'hello', ...stamp(), ...bareHello(`bare-${host}`) }))
    })
    socket.on('message', () => {
      if (!greeted) goOn()
      greeted = true
    })
    socket.on('close', () => resolve())
  })

process.on('message', (told: FloodOrder) => {
  process.send?.({ ...tally } satisfies FloodTally)
  order = told
  const identity = identities[told.host]
  if (told.flood === null || identity === undefined) return
  void (async () => {
    while (order === told) await link(told, identity)
  })()
})
process.once('disconnect', () => process.exit(0))
