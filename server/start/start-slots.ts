/** Room for so many at a time. */
export interface StartSlots {
  /** Waits for room. @returns how to give it back; doing so twice does no harm */
  take(): Promise<() => void>
}

export const createStartSlots = (most: number): StartSlots => {
  const waiting: (() => void)[] = []
  let taken = 0
  return {
    async take() {
      if (taken >= most) await new Promise<void>((resolve) => waiting.push(resolve))
      else taken += 1
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
