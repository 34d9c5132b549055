/** Patterns that pictures share, drawn once a page: hatched means that nothing moves. */
export const HatchPatterns = () => (
  <svg width="0" height="0" className="absolute" aria-hidden="true">
    <defs>
      <pattern id="hatch-old" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <path d="M0 0v6" stroke="var(--old-fill)" strokeWidth="2" />
      </pattern>
    </defs>
  </svg>
)
