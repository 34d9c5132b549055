const FILL = { plain: 'var(--ink-2)', old: 'var(--old-text)', danger: 'var(--danger-text)', ink: 'var(--ink)' }
const ROW = 16
export const CURVE_LABEL_ROWS = 4
/** Room for a label at its line's right; a line further right has its label at the left. */
const ROOM = 130

/** A word at the head of a line of the curve, in one of the rows above the plot so that near lines do not collide. */
export const CurveLabel = ({
  viewBox,
  row,
  text,
  tone,
}: {
  viewBox: unknown
  row: number
  text: string
  tone: keyof typeof FILL
}) => {
  const { x = 0, y = 0 } = (viewBox ?? {}) as { x?: number; y?: number }
  const chart = typeof document === 'undefined' ? null : document.querySelector('.recharts-surface')
  const width = chart?.clientWidth ?? 0
  const left = width > 0 && x + ROOM > width
  return (
    <text
      x={left ? x - 4 : x + 4}
      y={y - 8 - ROW * (CURVE_LABEL_ROWS - 1 - row)}
      textAnchor={left ? 'end' : 'start'}
      fontSize="11"
      fontWeight={tone === 'ink' ? 600 : 500}
      fill={FILL[tone]}
    >
      {text}
    </text>
  )
}
