/** What a spreadsheet takes for a formula when a cell begins with it (OWASP, "CSV Injection"); threat-model T13. */
const FORMULA = /^[=+\-@\t\r]/

/**
 * One row of a CSV file (RFC 4180), with its line ending. Every text stands in quotes; one that a spreadsheet would
 * calculate gets an apostrophe before it, by which spreadsheets mark text. U+0000, which no reader of CSV agrees on, becomes
 * U+FFFD.
 */
export const csvRow = (cells: readonly (string | number | null)[]): string =>
  `${cells.map((cell) => (typeof cell === 'number' ? String(cell) : quoted(cell ?? ''))).join(',')}\r\n`

const quoted = (text: string): string => {
  const plain = text.replaceAll('\0', '\uFFFD')
  return `"${(FORMULA.test(plain) ? `'${plain}` : plain).replaceAll('"', '""')}"`
}
