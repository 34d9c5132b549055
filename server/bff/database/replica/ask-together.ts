/**
 * Many ask the same at once: each gets an answer to a question that was put after he asked, and no more than one is under way.
 */
export const askTogether = <Answer>(ask: () => Promise<Answer>): (() => Promise<Answer>) => {
  let running: Promise<Answer> | undefined
  let next: Promise<Answer> | undefined
  const start = (): Promise<Answer> => {
    const begun = ask()
    running = begun
    const over = () => {
      if (running === begun) running = undefined
    }
    begun.then(over, over)
    return begun
  }
  return () => {
    if (running === undefined) return start()
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = undefined
        return start()
      })
    return next
  }
}
