/** The mark: old code, then new, without a gap. */
export const BrandMark = ({ size = 22 }: { size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 24 24" className="flex-none" aria-hidden="true" fill="none">
    <path d="M14.5 17.5H22" stroke="var(--ink-4)" strokeWidth="2.6" strokeDasharray="2.6 2.6" />
    <path d="M2 17.5h4.2c3.2 0 4.3-2.2 5.3-5.3" stroke="var(--old-fill)" strokeWidth="2.6" strokeLinecap="round" />
    <path d="M11.5 12.2c1-3.2 2.1-5.7 5.3-5.7H22" stroke="var(--new-fill)" strokeWidth="2.6" strokeLinecap="round" />
  </svg>
)
