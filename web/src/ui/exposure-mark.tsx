import { EXPOSURE_STATE_WORDS, SEVERITY_WORDS } from '@rebootless/shared/domain/exposure/exposure-state-words.ts'
import type { Exposure, Severity } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { StateShape, TONE_TEXT } from './state-glyph.tsx'

const DIAMOND = 'M8 1.8 14.2 8 8 14.2 1.8 8z'
const ROUND = { fill: 'none', strokeLinecap: 'round', strokeLinejoin: 'round' } as const

/** In the language of host states: a square has the fix, a diamond has not, a circle is neither. */
const ExposureShape = ({ exposure }: { exposure: Exposure }) => {
  switch (exposure) {
    case 'exposed':
      return <StateShape state="exposed" />
    case 'unknown':
      return <StateShape state="unknown" />
    case 'not_affected':
      return <StateShape state="unsupported" />
    case 'fixed_by_livepatch':
      return <StateShape state="patched" />
    case 'fixed_by_kernel':
      return (
        <>
          <rect x="2" y="2" width="12" height="12" rx="3" fill="var(--new-fill)" />
          <rect x="5.4" y="5.4" width="5.2" height="5.2" rx="1" fill="none" stroke="var(--on-new)" strokeWidth="1.5" />
        </>
      )
    case 'accepted':
      return (
        <>
          <path d={DIAMOND} {...ROUND} stroke="var(--none-fill)" strokeWidth="1.6" />
          <path d="m5.9 8.1 1.5 1.5 2.7-3" {...ROUND} stroke="var(--none-fill)" strokeWidth="1.5" />
        </>
      )
    case 'fixed_on_disk':
      return (
        <>
          <path d={DIAMOND} {...ROUND} stroke="var(--old-fill)" strokeWidth="1.7" />
          <path d="M6.3 9h3.4M8 4.9v2.6M6.9 6.5 8 7.6l1.1-1.1" {...ROUND} stroke="var(--old-fill)" strokeWidth="1.4" />
        </>
      )
  }
}

/** Always beside the word, which is why it is hidden from readers. */
export const ExposureGlyph = ({ exposure, size = 16 }: { exposure: Exposure; size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 16 16" className="flex-none" aria-hidden="true">
    <ExposureShape exposure={exposure} />
  </svg>
)

/** What a CVE is to a host: icon, word and colour together. */
export const ExposureMark = ({ exposure }: { exposure: Exposure }) => {
  const { word, tone, meaning } = EXPOSURE_STATE_WORDS[exposure]
  return (
    <span
      title={meaning}
      className={`inline-flex items-center gap-1.5 font-medium whitespace-nowrap ${TONE_TEXT[tone]}`}
    >
      <ExposureGlyph exposure={exposure} />
      {word}
    </span>
  )
}

const BARS = [1, 2, 3, 4] as const

/** Severity in ink: it is no state, and colour is kept for those. */
export const SeverityMark = ({ severity }: { severity: Severity }) => {
  const { word, bars } = SEVERITY_WORDS[severity]
  return (
    <span
      className={`inline-flex items-center gap-1.5 whitespace-nowrap ${bars === 0 ? 'text-ink-3' : 'font-medium text-ink'}`}
    >
      <span aria-hidden className="inline-flex gap-0.5 print:hidden">
        {BARS.map((bar) => (
          <i key={bar} className={`h-2.5 w-1 rounded-[1px] ${bar <= bars ? 'bg-ink' : 'bg-line-2'}`} />
        ))}
      </span>
      {word}
    </span>
  )
}
