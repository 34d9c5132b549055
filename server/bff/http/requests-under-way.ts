import type { Response } from 'express'

/** How many requests wait for their answers, in memory that threads share. */
export interface RequestsUnderWay {
  readonly count: Int32Array<SharedArrayBuffer>
  /** Until its answer is sent, or nobody waits for it any more. */
  add(response: Response): void
}

export const createRequestsUnderWay = (): RequestsUnderWay => {
  const count = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  return {
    count,
    add(response) {
      Atomics.add(count, 0, 1)
      response.once('close', () => {
        Atomics.sub(count, 0, 1)
        Atomics.notify(count, 0)
      })
    },
  }
}
