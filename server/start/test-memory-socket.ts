import { EventEmitter } from 'node:events'
import type { WebSocket } from 'ws'

/** One end of a link in memory, as much of a WebSocket as agent and server use of one. What it sends lies there until it is carried over. */
export class MemorySocket extends EventEmitter {
  readonly OPEN = 1
  readonly bufferedAmount = 0
  readonly sent: string[] = []
  readyState = 1
  other: MemorySocket | null = null

  send(text: string): void {
    if (this.readyState === this.OPEN) this.sent.push(text)
  }

  close(): void {
    this.terminate()
  }

  /** Both ends are closed, and what was on its way is lost. */
  terminate(): void {
    for (const end of [this, this.other]) {
      if (end === null || end.readyState !== end.OPEN) continue
      end.readyState = 3
      end.sent.splice(0)
      queueMicrotask(() => end.emit('close'))
    }
  }

  ping(): void {
    this.other?.emit('ping')
  }

  asWebSocket(): WebSocket {
    return this as unknown as WebSocket
  }
}

export const memoryLink = (): { agent: MemorySocket; server: MemorySocket } => {
  const [agent, server] = [new MemorySocket(), new MemorySocket()]
  agent.other = server
  server.other = agent
  return { agent, server }
}
