/**
 * Characters that move, hide or reorder the text around them (threat-model T04): controls but tab and line feed where
 * lines are kept; format characters (bidi marks and overrides, zero-width, tags); line and paragraph separators;
 * private use; lone surrogates. UAX #9 and Trojan Source (CVE-2021-42574) say why bidi must be seen.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\u115f\u1160\u3164\uffa0]/u
/** A letter may carry two marks; a tower of them would paint over its neighbours. */
const MARKS_MAX = 2

interface Piece {
  text: string
  escaped: boolean
}

const escapeOf = (character: string): string => {
  const point = character.codePointAt(0) ?? 0
  if (point <= 0xff) return `\\x${point.toString(16).padStart(2, '0')}`
  return point <= 0xffff ? `\\u${point.toString(16).padStart(4, '0')}` : `\\u{${point.toString(16)}}`
}

const piecesOf = (value: string, keepLines: boolean): Piece[] => {
  const pieces: Piece[] = []
  let marks = 0
  for (const character of value) {
    marks = /\p{M}/u.test(character) ? marks + 1 : 0
    const kept = keepLines && (character === '\n' || character === '\t')
    const escaped = (!kept && UNSEEN.test(character)) || marks > MARKS_MAX
    const text = escaped ? escapeOf(character) : character
    const last = pieces.at(-1)
    if (last && last.escaped === escaped) last.text += text
    else pieces.push({ text, escaped })
  }
  return pieces
}

const cut = (value: string, charactersMax: number): string =>
  value.length > charactersMax ? `${value.slice(0, charactersMax - 1)}…` : value

/** Text from a host as it may stand in a title, a label or a file: every unseen character as an escape. */
export const visibleText = (value: string, charactersMax = 300): string =>
  piecesOf(cut(value, charactersMax), false)
    .map((piece) => piece.text)
    .join('')

/** Text from a host on a page. `lines` keeps line feeds and tabs, as for a file's content. */
export const HostText = ({ value, max = 300, lines = false }: { value: string; max?: number; lines?: boolean }) => (
  <bdi title={value.length > max ? visibleText(value, 1000) : undefined}>
    {piecesOf(cut(value, max), lines).map((piece, index) =>
      piece.escaped ? (
        // biome-ignore lint/suspicious/noArrayIndexKey: the pieces have no identity but their place
        <span key={index} className="rounded-mark bg-sunken px-px font-mono text-[0.9em] text-old-text">
          {piece.text}
        </span>
      ) : (
        piece.text
      ),
    )}
  </bdi>
)
