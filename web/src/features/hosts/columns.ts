export interface Column {
  key: 'state' | 'name' | 'labels' | 'kernel' | 'provider' | 'patches' | 'transition' | 'exposure' | 'lastSeen'
  word: string
  /** The word of the sort that this column's head sets. */
  sort: 'state' | 'name' | 'kernel' | 'lastSeen' | null
  right: boolean
}

const COLUMNS: readonly Column[] = [
  { key: 'state', word: 'State', sort: 'state', right: false },
  { key: 'name', word: 'Name', sort: 'name', right: false },
  { key: 'kernel', word: 'Kernel', sort: 'kernel', right: false },
  { key: 'patches', word: 'Patches', sort: null, right: false },
  { key: 'transition', word: 'Transition', sort: null, right: false },
  { key: 'exposure', word: 'Exposure', sort: null, right: false },
  { key: 'labels', word: 'Labels', sort: null, right: false },
  { key: 'provider', word: 'Provider', sort: null, right: false },
  { key: 'lastSeen', word: 'Last seen', sort: 'lastSeen', right: true },
]

const WIDE_ONLY: readonly Column['key'][] = ['labels', 'provider']

/** What a column takes beside its own: labels and provider give way first as the window narrows. */
export const columnClass = (key: Column['key']): string => (WIDE_ONLY.includes(key) ? 'max-wide:hidden' : '')

/** The columns that are shown: one for labels only while a host in sight bears any. */
export const columnsOf = (withLabels: boolean): readonly Column[] =>
  withLabels ? COLUMNS : COLUMNS.filter(({ key }) => key !== 'labels')

const BASE =
  'grid items-center gap-x-4 px-6 grid-cols-[104px_minmax(144px,1.9fr)_minmax(100px,1fr)_minmax(90px,0.9fr)_92px_92px_56px]'

export const gridOf = (withLabels: boolean): string =>
  withLabels
    ? `${BASE} wide:grid-cols-[112px_minmax(190px,1.6fr)_minmax(130px,1fr)_minmax(90px,0.7fr)_92px_92px_minmax(96px,0.6fr)_minmax(140px,1fr)_56px]`
    : `${BASE} wide:grid-cols-[112px_minmax(240px,1.7fr)_minmax(150px,1.1fr)_minmax(110px,0.9fr)_112px_96px_minmax(170px,1.2fr)_60px]`
