export interface Column {
  key: 'state' | 'name' | 'labels' | 'kernel' | 'provider' | 'patches' | 'transition' | 'lastSeen'
  word: string
  /** The word of the sort that this column's head sets. */
  sort: 'state' | 'name' | 'kernel' | 'lastSeen' | null
  right: boolean
}

export const COLUMNS: readonly Column[] = [
  { key: 'state', word: 'State', sort: 'state', right: false },
  { key: 'name', word: 'Name', sort: 'name', right: false },
  { key: 'kernel', word: 'Kernel', sort: 'kernel', right: false },
  { key: 'patches', word: 'Patches', sort: null, right: false },
  { key: 'transition', word: 'Transition', sort: null, right: false },
  { key: 'labels', word: 'Labels', sort: null, right: false },
  { key: 'provider', word: 'Provider', sort: null, right: false },
  { key: 'lastSeen', word: 'Last seen', sort: 'lastSeen', right: true },
]

/** Labels and provider give way first as the window narrows. */
export const GRID =
  'grid items-center gap-x-4 px-6 grid-cols-[112px_minmax(150px,1.2fr)_minmax(110px,1fr)_minmax(120px,1.1fr)_132px_72px] wide:grid-cols-[112px_minmax(150px,1.2fr)_minmax(140px,1fr)_minmax(120px,0.9fr)_130px_minmax(176px,1.2fr)_64px_64px]'
export const WIDE_ONLY: readonly Column['key'][] = ['labels', 'provider']
