// Goal: a page that is gone holds no place. Method: a real server on loopback whose requests wait before the stream opens.
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { expect, test } from 'vitest'
import { WHOLE_FLEET } from '../hosts/host-scope.ts'
import { EventStreams, STREAMS_PER_SESSION } from './event-streams.ts'

const hearer = { userId: 'user', role: 'viewer', scope: null, via: 'session' } as const
const owner = { userId: 'user', sessionHash: 'session', scope: WHOLE_FLEET, hearer }

test('T09 pages that went while their requests waited take no room', async () => {
  const streams = new EventStreams()
  const app = express()
  const opened: Promise<void>[] = []
  app.get('/', (_request, response) => {
    // Stands for the session's query and the hub's queue: the stream opens once the page has gone.
    const opening = once(response, 'close').then(() => {
      const stream = streams.open(response, owner)
      stream.send('retry: 2000\n\n')
      stream.end()
    })
    opened.push(opening)
  })
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  try {
    for (let n = 1; n <= STREAMS_PER_SESSION; n += 1) {
      const outgoing = request({ host: '127.0.0.1', port, agent: false })
      outgoing.on('error', () => undefined)
      const arrived = once(server, 'request')
      outgoing.end()
      await arrived
      outgoing.destroy()
      await opened[n - 1]
    }
    expect(streams.size).toBe(0)
    expect(() => streams.requireRoom(owner)).not.toThrow()
  } finally {
    server.close()
  }
})
