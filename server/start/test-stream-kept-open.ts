import { setTimeout as sleep } from 'node:timers/promises'
import { followStream } from '../bff/events/test-stream.ts'

/** What a page hears that stays open: it takes its stream up again where it was, at its own backend or at another. */
export interface StreamKeptOpen {
  /** Of each kind and host, person or rollout, the newest that was told. */
  readonly heard: ReadonlyMap<string, bigint>
  /** Told twice, out of order, or told to begin anew. */
  readonly wrong: readonly string[]
  /** The first place that it was given: all behind it must be told. */
  from(): bigint | undefined
  last(): bigint
  takenUp(): number
  stop(): Promise<void>
}

const keyOf = (event: object & { type: string }): string => {
  const of = 'host' in event ? (event.host as { id: string }).id : undefined
  const { hostId, userId, rolloutId } = event as { hostId?: string; userId?: string; rolloutId?: string }
  return `${event.type} ${of ?? hostId ?? userId ?? rolloutId ?? null}`
}

/** @param backends that run, the page's own first */
export const keepStreamOpen = (cookie: string, backends: () => readonly { port: number }[]): StreamKeptOpen => {
  const heard = new Map<string, bigint>()
  const wrong: string[] = []
  let from: bigint | undefined
  let last = 0n
  let takenUp = 0
  let isOver = false
  let end = () => {}

  const once = async (): Promise<void> => {
    const [backend] = backends()
    if (backend === undefined) return
    const stream = await followStream(backend, cookie, from === undefined ? undefined : `${last}`)
    takenUp += 1
    let read = 0
    const take = (): void => {
      for (const { id, event } of stream.blocks.slice(read)) {
        read += 1
        if (event?.type === 'reset') wrong.push(`told to begin anew behind ${last}`)
        else if (event !== undefined && BigInt(id ?? 0) <= last) wrong.push(`${event.type} ${id} told behind ${last}`)
        if (event !== undefined) heard.set(keyOf(event), BigInt(id ?? 0))
        if (id !== undefined) {
          from ??= BigInt(id)
          last = BigInt(id) > last ? BigInt(id) : last
        }
      }
    }
    stream.response.on('data', take)
    end = stream.stop
    if (isOver) stream.stop()
    await stream.ended
    take()
  }
  const running = (async () => {
    while (!isOver) {
      await once().catch(() => undefined)
      await sleep(50)
    }
  })()
  return {
    ...{ heard, wrong, from: () => from, last: () => last, takenUp: () => takenUp },
    async stop() {
      isOver = true
      end()
      await running
    },
  }
}
