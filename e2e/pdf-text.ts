import { inflateSync } from 'node:zlib'

export interface PdfLine {
  readonly text: string
  /** How far its baseline lies below the top of the page, in points. */
  readonly top: number
}
type Matrix = readonly [number, number, number, number, number, number]
interface Glyphs {
  /** Hexadecimal digits of a code. */
  readonly digits: number
  readonly texts: ReadonlyMap<number, string>
}

const HEX = /<([0-9A-Fa-f]+)>/g
const reference = (text: string, name: string): number | undefined => {
  const found = new RegExp(`/${name} (\\d+) 0 R`).exec(text)
  return found ? Number(found[1]) : undefined
}
const multiply = (m: Matrix, n: Matrix): Matrix => [
  ...([m[0] * n[0] + m[1] * n[2], m[0] * n[1] + m[1] * n[3]] as const),
  ...([m[2] * n[0] + m[3] * n[2], m[2] * n[1] + m[3] * n[3]] as const),
  ...([m[4] * n[0] + m[5] * n[2] + n[4], m[4] * n[1] + m[5] * n[3] + n[5]] as const),
]
const matrixOf = (numbers: readonly number[]): Matrix => {
  const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = numbers.slice(-6)
  return [a, b, c, d, e, f]
}

/** Objects by number, from the table of cross references (ISO 32000-1, 7.5.4). */
const objectsOf = (pdf: Buffer): ((number: number) => { head: string; body: () => string }) => {
  const file = pdf.toString('latin1')
  const table = Number(/startxref\s+(\d+)\s+%%EOF\s*$/.exec(file)?.[1])
  const [, first, size] = /^xref\s+(\d+) (\d+)/.exec(file.slice(table)) ?? []
  const entries = [...file.slice(table).matchAll(/(\d{10}) \d{5} ([nf])/g)].slice(0, Number(size))
  return (number) => {
    const text = file.slice(Number(entries[number - Number(first)]?.[1]))
    const end = text.search(/\bstream\r?\n|\bendobj\b/)
    const head = text.slice(0, end)
    return {
      head,
      body: () => {
        const start = end + (/^stream\r?\n/.exec(text.slice(end))?.[0].length ?? 0)
        const bytes = Buffer.from(text.slice(start, start + Number(/\/Length (\d+)/.exec(head)?.[1])), 'latin1')
        return (/\/FlateDecode/.test(head) ? inflateSync(bytes) : bytes).toString('latin1')
      },
    }
  }
}

/** What each code of a font means: its ToUnicode map (ISO 32000-1, 9.10.3). */
const glyphsOf = (map: string): Glyphs => {
  const utf16 = (hex: string) =>
    String.fromCharCode(...(hex.match(/.{4}/g) ?? []).map((unit) => Number.parseInt(unit, 16)))
  const texts = new Map<number, string>()
  for (const [, rows = ''] of map.matchAll(/beginbfchar([\s\S]*?)endbfchar/g)) {
    for (const [, code = '', text = ''] of rows.matchAll(/<(\w+)>\s*<(\w+)>/g)) {
      texts.set(Number.parseInt(code, 16), utf16(text))
    }
  }
  for (const [, rows = ''] of map.matchAll(/beginbfrange([\s\S]*?)endbfrange/g)) {
    for (const [, from = '', to = '', text = ''] of rows.matchAll(/<(\w+)>\s*<(\w+)>\s*<(\w+)>/g)) {
      const start = Number.parseInt(from, 16)
      for (let code = start; code <= Number.parseInt(to, 16); code += 1) {
        texts.set(code, utf16((Number.parseInt(text, 16) + code - start).toString(16).padStart(text.length, '0')))
      }
    }
  }
  return { digits: /begincodespacerange\s*<(\w+)>/.exec(map)?.[1]?.length ?? 2, texts }
}

/** The runs of text of a content stream, each with its place on the page (ISO 32000-1, 8.4 and 9.4). */
const runsOf = (content: string, fonts: ReadonlyMap<string, Glyphs>) => {
  const runs: { x: number; y: number; text: string }[] = []
  const kept: Matrix[] = []
  let page: Matrix = [1, 0, 0, 1, 0, 0]
  let place = page
  let font: Glyphs | undefined
  let run: (typeof runs)[number] | undefined
  let numbers: number[] = []
  let names: string[] = []
  let shown = ''
  for (const [token] of content.matchAll(/<[0-9A-Fa-f]*>|\/\S+|[-+.\d][-+.\d]*|[A-Za-z*'"]+|[[\]]/g)) {
    if (/^[-+.\d]/.test(token)) numbers.push(Number(token))
    else if (token.startsWith('/')) names.push(token.slice(1))
    else if (token.startsWith('<')) shown += token
    else if (token !== '[' && token !== ']') {
      if (token === 'q') kept.push(page)
      else if (token === 'Q') page = kept.pop() ?? page
      else if (token === 'cm') page = multiply(matrixOf(numbers), page)
      else if (token === 'BT') run = undefined
      else if (token === 'Tf') font = fonts.get(names.at(-1) ?? '')
      else if (token === 'Tm') place = matrixOf(numbers)
      else if (token === 'Td') place = multiply([1, 0, 0, 1, numbers.at(-2) ?? 0, numbers.at(-1) ?? 0], place)
      else if (token === 'Tj' || token === 'TJ') {
        if (font === undefined) throw new Error('text before a font that can be read')
        const [, , , , x, y] = multiply(place, page)
        if (run === undefined || Math.abs(run.y - y) > 1) {
          run = { x, y, text: '' }
          runs.push(run)
        }
        for (const [, codes = ''] of shown.matchAll(HEX)) {
          for (const code of codes.match(new RegExp(`.{${font.digits}}`, 'g')) ?? []) {
            run.text += font.texts.get(Number.parseInt(code, 16)) ?? '\ufffd'
          }
        }
      }
      numbers = []
      names = []
      shown = ''
    }
  }
  return runs
}

const linesOf = (runs: readonly { x: number; y: number; text: string }[], height: number): PdfLine[] => {
  const lines: { y: number; runs: { x: number; text: string }[] }[] = []
  for (const one of [...runs].sort((left, right) => right.y - left.y)) {
    const last = lines.at(-1)
    if (last && Math.abs(last.y - one.y) < 2) last.runs.push(one)
    else lines.push({ y: one.y, runs: [one] })
  }
  return lines.map(({ y, runs: parts }) => {
    const ordered = parts.sort((left, right) => left.x - right.x).map(({ text }) => text)
    return {
      text: ordered
        .join(' ')
        .replace(/[\s\u00a0]+/g, ' ')
        .trim(),
      top: height - y,
    }
  })
}

/**
 * The lines of each page, from the top, of a PDF as Chromium writes them: plain objects, a map to Unicode in each font, no text
 * inside of forms. It reads no others, and throws at text that it cannot read.
 */
export const pdfLines = (pdf: Buffer): PdfLine[][] => {
  const object = objectsOf(pdf)
  const fonts = new Map<number, Glyphs>()
  const fontOf = (number: number): Glyphs => {
    const known = fonts.get(number) ?? glyphsOf(object(reference(object(number).head, 'ToUnicode') ?? number).body())
    fonts.set(number, known)
    return known
  }
  const pagesOf = (number: number): number[] => {
    const kids = /\/Kids\s*\[([^\]]*)\]/.exec(object(number).head)?.[1]
    return kids === undefined ? [number] : [...kids.matchAll(/(\d+) 0 R/g)].flatMap(([, kid]) => pagesOf(Number(kid)))
  }
  const root = reference(pdf.subarray(-2000).toString('latin1'), 'Root') ?? 0
  return pagesOf(reference(object(root).head, 'Pages') ?? 0).map((number) => {
    const { head } = object(number)
    const named = /\/Font\s*<<([^>]*)>>/.exec(head)?.[1] ?? ''
    const ofPage = [...named.matchAll(/\/(\S+) (\d+) 0 R/g)].map(
      ([, name = '', font]) => [name, fontOf(Number(font))] as const,
    )
    const height = Number(/\/MediaBox\s*\[0 0 \S+ (\S+)\]/.exec(head)?.[1])
    return linesOf(runsOf(object(reference(head, 'Contents') ?? 0).body(), new Map(ofPage)), height)
  })
}
