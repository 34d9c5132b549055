const written = new WeakSet<Error>()

/** A refusal that stands in the log already, with more than a route could tell of it. */
export const asWritten = <Refusal extends Error>(refusal: Refusal): Refusal => {
  written.add(refusal)
  return refusal
}

export const isWritten = (error: unknown): boolean => error instanceof Error && written.has(error)
