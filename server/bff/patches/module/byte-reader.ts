import { refused } from './module-file.ts'
import type { Bytes } from './unpack.ts'

/** Headers and names of archives; what is longer is streamed. */
const TAKEN_BYTES_MAX = 64 * 1024

/** Takes a stream apart: so many bytes at once, or a stretch of it as a stream of its own, which is read to its end first. */
export class ByteReader {
  readonly #iterator: AsyncIterator<Buffer>
  #held: Buffer = Buffer.alloc(0)
  #position = 0

  constructor(source: Bytes) {
    this.#iterator = source[Symbol.asyncIterator]()
  }

  /** Bytes that were given since the beginning. */
  get position(): number {
    return this.#position
  }

  /** What comes next without taking it: fewer bytes only where the stream ends. */
  async peek(size: number): Promise<Buffer> {
    if (size > TAKEN_BYTES_MAX) throw refused('A header in this package is larger than any.')
    while (this.#held.length < size) {
      const { done, value } = await this.#iterator.next()
      if (done) break
      this.#held = this.#held.length === 0 ? value : Buffer.concat([this.#held, value])
    }
    return this.#held.subarray(0, size)
  }

  /** @throws DomainError when the stream ends before */
  async take(size: number): Promise<Buffer> {
    const bytes = await this.peek(size)
    if (bytes.length < size) throw refused('The package is cut or damaged: it ends too early.')
    this.#held = this.#held.subarray(size)
    this.#position += size
    return bytes
  }

  async skip(size: number): Promise<void> {
    for await (const _ of this.stretch(size));
  }

  /** Skips to the next multiple, counted from `from`. */
  async align(multiple: number, from = 0): Promise<void> {
    const over = (this.#position - from) % multiple
    if (over > 0) await this.take(multiple - over)
  }

  /** The next `size` bytes; undefined: all that is left. @throws DomainError when the stream ends before */
  async *stretch(size?: number): Bytes {
    let left = size ?? Number.POSITIVE_INFINITY
    while (left > 0) {
      const next = await this.peek(1)
      if (next.length === 0) {
        if (size === undefined) return
        throw refused('The package is cut or damaged: it ends too early.')
      }
      const piece = this.#held.subarray(0, left)
      this.#held = this.#held.subarray(piece.length)
      this.#position += piece.length
      left -= piece.length
      yield piece
    }
  }
}
