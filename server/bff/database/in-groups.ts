import { mayBeOfOne } from './blame.ts'

export interface GroupOptions<Item, Result> {
  /** Writes a whole group in one commit, of each key one item at most. @returns results in the order of the items */
  readonly write: (items: readonly Item[]) => Promise<readonly Result[]>
  readonly keyOf: (item: Item) => string
  /** Items in one group. */
  readonly most: number
  /** From the beginning of one group to that of the next, unless so many wait that it would be full. */
  readonly everyMs: number
}

interface Waiting<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * Group commit: what comes while a group is being written waits and makes the next, so that with ten thousand hosts a
 * commit serves many, and with one it is had at once. One group is written at a time, first come first served, and what
 * comes of one key is written in the order in which it came. When a group fails by what may be the fault of one item, its
 * halves are written, and theirs, so that a host which sends what cannot be stored spoils little for the others.
 *
 * What waits is bounded by whoever calls: a link has one message on its way and reads no further meanwhile than its
 * queue allows (link-session.ts). Nothing is dropped: agents wait for their acknowledgement.
 */
export const inGroups = <Item, Result>(options: GroupOptions<Item, Result>): ((item: Item) => Promise<Result>) => {
  const { write, keyOf, most, everyMs } = options
  let waiting: Waiting<Item, Result>[] = []
  let writing = false
  let begunAtMs = Number.NEGATIVE_INFINITY
  let endPause = () => {}

  const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      endPause = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  const takeGroup = (): Waiting<Item, Result>[] => {
    const keys = new Set<string>()
    const group: Waiting<Item, Result>[] = []
    const rest: Waiting<Item, Result>[] = []
    for (const one of waiting) {
      const key = keyOf(one.item)
      // A key that has been passed over stays passed over, lest its second item overtake its first.
      if (group.length < most && !keys.has(key)) group.push(one)
      else rest.push(one)
      keys.add(key)
    }
    waiting = rest
    return group
  }

  const settle = async (group: readonly Waiting<Item, Result>[]): Promise<void> => {
    try {
      const results = await write(group.map(({ item }) => item))
      for (const [index, result] of results.entries()) group[index]?.resolve(result)
    } catch (error) {
      if (group.length > 1 && mayBeOfOne(error)) {
        const half = Math.ceil(group.length / 2)
        await settle(group.slice(0, half))
        await settle(group.slice(half))
      } else for (const { reject } of group) reject(error)
    }
  }

  const writeAll = async (): Promise<void> => {
    writing = true
    while (waiting.length > 0) {
      const leftMs = begunAtMs + everyMs - performance.now()
      if (leftMs > 0 && waiting.length < most) await pause(leftMs)
      begunAtMs = performance.now()
      await settle(takeGroup())
    }
    writing = false
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (!writing) void writeAll()
      else if (waiting.length >= most) endPause()
    })
}
