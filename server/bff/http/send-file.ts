import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Response } from 'express'

/** A reader that takes nothing for so long is cut off (threat-model T09). */
const STALLED_MS = 30_000

/**
 * Sends text as it is made, no faster than it is read, as a file to be kept. A failure on the way cuts the answer off, so
 * that nobody takes a part for the whole.
 */
export const sendFile = async (
  response: Response,
  { name, type, parts }: { name: string; type: string; parts: AsyncIterable<string> },
): Promise<void> => {
  response.setHeader('Content-Type', type)
  response.setHeader('Content-Disposition', `attachment; filename="${name}"`)
  response.socket?.setTimeout(STALLED_MS, () => response.destroy())
  try {
    await pipeline(Readable.from(parts), response)
  } finally {
    response.socket?.setTimeout(0)
  }
}
