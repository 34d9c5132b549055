import { encode } from 'uqr'

/** A QR code (ISO/IEC 18004) as one path; dark on white in both themes, since not every camera reads the reverse. */
export const QrCode = ({ text, label }: { text: string; label: string }) => {
  const { data, size } = encode(text, { ecc: 'M', border: 4 })
  const path = data
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')))
    .filter((piece) => piece !== '')
    .join('')
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} className="size-48 flex-none rounded-mark">
      <title>{label}</title>
      <path d={`M0 0h${size}v${size}H0z`} fill="white" />
      <path d={path} fill="black" shapeRendering="crispEdges" />
    </svg>
  )
}
