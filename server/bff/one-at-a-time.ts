export interface OneAtATime {
  /** Resolves when no run is due any more. Rejects only as `work` does. */
  run(): Promise<void>
  /** Begins no other run; resolves once one under way is over. */
  end(): Promise<void>
}

/** Never runs `work` twice at once: whoever asks while it runs is served by one more run after it. */
export const oneAtATime = (work: () => Promise<void>): OneAtATime => {
  let running: Promise<void> | undefined
  let again = false
  let ended = false

  const runs = async (): Promise<void> => {
    try {
      do {
        again = false
        await work()
      } while (again && !ended)
    } finally {
      running = undefined
    }
  }

  return {
    async run() {
      if (ended) return running
      if (running !== undefined) {
        again = true
        return running
      }
      running = runs()
      return running
    },
    async end() {
      ended = true
      await running
    },
  }
}
