/** So long the event loop may be held at a time. */
const SLICE_MS = 8
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Does something with each of a list, giving way to whoever asks meanwhile. @throws when the signal is aborted */
export const inSlices = async <Item>(
  items: Iterable<Item>,
  work: (item: Item) => void,
  signal?: AbortSignal,
): Promise<void> => {
  let begun = performance.now()
  for (const item of items) {
    work(item)
    if (performance.now() - begun < SLICE_MS) continue
    await turn()
    signal?.throwIfAborted()
    begun = performance.now()
  }
}

/** The same of work that says itself where it can be left. */
export const stepByStep = async <Result>(
  steps: Generator<undefined, Result>,
  signal?: AbortSignal,
): Promise<Result> => {
  let begun = performance.now()
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
    if (performance.now() - begun < SLICE_MS) continue
    await turn()
    signal?.throwIfAborted()
    begun = performance.now()
  }
}
