/** Room for so many at a time. */
export interface StartSlots {
  /** Waits for room; one that was in before goes `first`. @returns how to give it back; doing so twice does no harm */
  take(first?: boolean): Promise<() => void>
}

export const createStartSlots = (most: number): StartSlots => {
  const waiting: (() => void)[] = []
  let taken = 0
  return {
    async take(first = false) {
      if (taken < most) taken += 1
      else {
        await new Promise<void>((resolve) => {
          if (first) waiting.unshift(resolve)
          else waiting.push(resolve)
        })
      }
      let given = false
      return () => {
        if (given) return
        given = true
        const next = waiting.shift()
        if (next) next()
        else taken -= 1
      }
    },
  }
}
