import { HOST_STATE_WORDS, PATCH_STATE_WORDS, type StateWords } from '@rebootless/shared/domain/state-words.ts'
import type { HostState, PatchLifeState } from '@rebootless/shared/domain/words.ts'

const OCTAGON = 'M5.6 1.8h4.8l3.8 3.8v4.8l-3.8 3.8H5.6L1.8 10.4V5.6z'
const DIAMOND = 'M8 1.8 14.2 8 8 14.2 1.8 8z'
const ROUND = { fill: 'none', strokeLinecap: 'round', strokeLinejoin: 'round' } as const

/** The drawing of a state on a 16 grid. The outline says the family; take the colour away and it still reads. */
export const StateShape = ({ state }: { state: HostState | PatchLifeState }) => {
  switch (state) {
    case 'patched':
    case 'applied':
      return (
        <>
          <rect x="2" y="2" width="12" height="12" rx="3" fill="var(--new-fill)" />
          <path d="m5.2 8.3 2 2 3.7-4.3" {...ROUND} stroke="var(--on-new)" strokeWidth="1.6" />
        </>
      )
    case 'patching':
      return <Halves lower="var(--new-fill)" upper="var(--old-mid)" />
    case 'unpatching':
      return <Halves lower="var(--old-fill)" upper="var(--new-mid)" />
    case 'stalled':
      return (
        <>
          <rect x="2" y="2" width="12" height="12" rx="3" fill="var(--old-fill)" />
          <path d="M6.3 5.2v5.6M9.7 5.2v5.6" {...ROUND} stroke="var(--on-old)" strokeWidth="1.8" />
        </>
      )
    case 'exposed':
      return (
        <>
          <path d={DIAMOND} {...ROUND} stroke="var(--old-fill)" strokeWidth="1.7" />
          <circle cx="8" cy="8" r="1.8" fill="var(--old-fill)" />
        </>
      )
    case 'drifted':
      return (
        <>
          <path d={DIAMOND} {...ROUND} stroke="var(--old-fill)" strokeWidth="1.7" />
          <path d="M8 2.4 2.4 8 8 13.6z" fill="var(--old-fill)" />
        </>
      )
    case 'failed':
      return (
        <>
          <path d={OCTAGON} fill="var(--danger-fill)" />
          <path d="m6 6 4 4m0-4-4 4" {...ROUND} stroke="var(--on-danger)" strokeWidth="1.6" />
        </>
      )
    case 'forced':
      return (
        <>
          <path d={OCTAGON} fill="var(--danger-fill)" />
          <path d="M8.7 3.9 5.3 8.6h2.3l-.5 3.5 3.5-4.7H8.3z" fill="var(--on-danger)" />
        </>
      )
    case 'stale':
      return (
        <>
          <circle
            cx="8"
            cy="8"
            r="5.6"
            fill="none"
            stroke="var(--none-fill)"
            strokeWidth="1.6"
            strokeDasharray="2.2 2.2"
          />
          <path d="M8 5.2V8l1.9 1.2" {...ROUND} stroke="var(--none-fill)" strokeWidth="1.5" />
        </>
      )
    case 'offline':
      return <Circle mark="m4.2 11.8 7.6-7.6" />
    case 'superseded':
      return <Circle mark="M5.4 8.8 8 6.2l2.6 2.6" />
    case 'unknown':
      return <Circle mark="M6.2 6.4a1.8 1.8 0 1 1 2.6 1.6q-.8.4-.8 1.2M8 11h.01" />
    case 'unsupported':
    case 'disabled':
      return <Circle mark="M5.6 8h4.8" />
  }
}

const Halves = ({ lower, upper }: { lower: string; upper: string }) => (
  <>
    <path d="M2.9 2.9 13.1 13.1A3 3 0 0 1 11 14H5a3 3 0 0 1-3-3V5a3 3 0 0 1 .9-2.1z" fill={lower} />
    <path d="M2.9 2.9A3 3 0 0 1 5 2h6a3 3 0 0 1 3 3v6a3 3 0 0 1-.9 2.1z" fill={upper} />
  </>
)

const Circle = ({ mark }: { mark: string }) => (
  <>
    <circle cx="8" cy="8" r="5.6" fill="none" stroke="var(--none-fill)" strokeWidth="1.6" />
    <path d={mark} {...ROUND} stroke="var(--none-fill)" strokeWidth="1.6" />
  </>
)

/** Always beside the state's word, which is why it is hidden from readers. */
export const StateGlyph = ({ state, size = 16 }: { state: HostState | PatchLifeState; size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 16 16" className="flex-none" aria-hidden="true">
    <StateShape state={state} />
  </svg>
)

export const TONE_TEXT: Readonly<Record<StateWords['tone'], string>> = {
  new: 'text-new-text',
  old: 'text-old-text',
  danger: 'text-danger-text',
  none: 'text-ink-3',
}
export const TONE_TINT: Readonly<Record<StateWords['tone'], string>> = {
  new: 'bg-new-tint',
  old: 'bg-old-tint',
  danger: 'bg-danger-tint',
  none: 'bg-sunken',
}

/** A host's state: icon, word and colour together. `note` follows the word, as in "Stalled for 14 min". */
export const StateLabel = ({ state, note }: { state: HostState; note?: React.ReactNode }) => {
  const { word, tone, meaning } = HOST_STATE_WORDS[state]
  return (
    <span
      className={`inline-flex items-center gap-1.5 font-medium whitespace-nowrap ${TONE_TEXT[tone]}`}
      title={meaning}
    >
      <StateGlyph state={state} />
      <span>
        {word}
        {note}
      </span>
    </span>
  )
}

/** A livepatch's state on one host, in the same language. */
export const PatchStateLabel = ({ state, stalled }: { state: PatchLifeState; stalled: boolean }) => {
  const { word, tone, meaning } = PATCH_STATE_WORDS[state]
  return (
    <span
      className={`inline-flex items-center gap-1.5 font-medium whitespace-nowrap ${TONE_TEXT[stalled ? 'old' : tone]}`}
      title={stalled ? HOST_STATE_WORDS.stalled.meaning : meaning}
    >
      <StateGlyph state={stalled ? 'stalled' : state} />
      {stalled ? `${word}, stalled` : word}
    </span>
  )
}
