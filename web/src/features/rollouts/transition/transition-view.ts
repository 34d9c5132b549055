/** How the transitions are shown: of the address, so that whoever is sent it sees the same. */
export interface TransitionView {
  readonly view?: 'picture' | 'table' | undefined
  readonly scale?: 'log' | 'linear' | undefined
  /** The cause that is open: its key, or `none`; left out: the first. */
  readonly cause?: string | undefined
}
