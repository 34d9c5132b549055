/** Snapshots are large: so many are held at once by each of two. */
const PIECE = 32
const AT_ONCE = 2

/** Works through a long list piece by piece, two at a time: the database reads the next while what it gave is looked at. */
export const inPieces = async <T>(list: readonly T[], work: (piece: readonly T[]) => Promise<void>): Promise<void> => {
  let next = 0
  const one = async (): Promise<void> => {
    while (next < list.length) {
      const piece = list.slice(next, next + PIECE)
      next += PIECE
      await work(piece)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
}
