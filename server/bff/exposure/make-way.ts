/** So long it works at a stretch. */
const PIECE_MS = 10
/** Of the time that it worked, it rests so long in any case, and waits so long at most for pages: it has to end too. */
const REST_SHARE = 1
const WAIT_SHARE = 1
/** What counts as work of one piece: before the first one it may have been idle for hours. */
const WORKED_MS_MAX = 100
const WAIT_MS_MAX = 1_000

/** How a thread tells the time, in milliseconds, and waits until a number is no longer what it was, or so long at most. */
export interface Waiting {
  readonly now: () => number
  readonly wait: (cell: Int32Array<SharedArrayBuffer>, was: number, ms: number) => void
}

const ofThread: Waiting = { now: () => performance.now(), wait: (cell, was, ms) => void Atomics.wait(cell, 0, was, ms) }

/**
 * Lets pages go first: whoever works in a thread beside them calls it between small pieces of work, and it holds the thread up
 * for a rest after each few of them, and while `underWay[0]` requests wait for their answers.
 */
export const createWay = (underWay: Int32Array<SharedArrayBuffer>, { now, wait } = ofThread): (() => void) => {
  const unchanged = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  let mayWaitMs = 0
  let workingSince = now()

  const waitForPages = () => {
    const startedAt = now()
    for (let left = mayWaitMs; left > 0; left = mayWaitMs - (now() - startedAt)) {
      const count = Atomics.load(underWay, 0)
      if (count === 0) break
      wait(underWay, count, left)
    }
    mayWaitMs = Math.max(0, mayWaitMs - (now() - startedAt))
  }

  return () => {
    const workedMs = Math.min(now() - workingSince, WORKED_MS_MAX)
    if (workedMs < PIECE_MS && Atomics.load(underWay, 0) === 0) return
    mayWaitMs = Math.min(mayWaitMs + workedMs * WAIT_SHARE, WAIT_MS_MAX)
    wait(unchanged, 0, workedMs * REST_SHARE)
    waitForPages()
    workingSince = now()
  }
}
