import { type IncomingMessage, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { FleetEvent } from '@rebootless/shared/contract/event.ts'

export interface StreamBlock {
  id: string | undefined
  event: FleetEvent | undefined
}

export interface FollowedStream {
  blocks: StreamBlock[]
  response: IncomingMessage
  /** All that came, as it came. */
  text(): string
  /** Resolves once a block fulfils this. */
  until(what: (block: StreamBlock) => boolean): Promise<StreamBlock>
  ended: Promise<void>
  stop(): void
}

/** Follows the events of a real backend over a socket. */
export const followStream = (
  backend: { port: number },
  session: string,
  lastEventId?: string,
  path = '/api/v1/events',
): Promise<FollowedStream> =>
  new Promise((resolve, reject) => {
    const headers = { cookie: session, ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) }
    const outgoing = request({ host: '127.0.0.1', port: backend.port, path, headers, agent: false })
    outgoing.on('error', reject)
    outgoing.on('response', (response) => {
      const blocks: StreamBlock[] = []
      let all = ''
      let rest = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        all += part
        const texts = (rest + part).split('\n\n')
        rest = texts.pop() ?? ''
        for (const text of texts) {
          const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1]
          const data = field('data')
          blocks.push({ id: field('id'), event: data === undefined ? undefined : FleetEvent.parse(JSON.parse(data)) })
        }
      })
      const ended = new Promise<void>((done) => response.once('close', () => done()))
      response.on('error', () => undefined)
      const until = async (what: (block: StreamBlock) => boolean) => {
        for (;;) {
          const found = blocks.find(what)
          if (found !== undefined) return found
          if (response.destroyed) throw new Error('the stream ended')
          await sleep(5)
        }
      }
      resolve({ blocks, response, text: () => all, until, ended, stop: () => outgoing.destroy() })
    })
    outgoing.end()
  })
