import type { Locator, Page } from '@playwright/test'

/** What the browser saves after Enter on `by`, whole. */
export const downloadedBy = async (page: Page, by: Locator): Promise<Buffer> => {
  const downloading = page.waitForEvent('download')
  await by.press('Enter')
  const chunks: Buffer[] = []
  for await (const chunk of await (await downloading).createReadStream()) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

/** Rows of a CSV file by the names of their columns (RFC 4180). */
export const csvRows = (text: string): Record<string, string>[] => {
  const lines = text.match(/(?:"(?:[^"]|"")*"|[^"\r\n])+/g) ?? []
  const [names = [], ...rows] = lines.map((row) =>
    [...row.matchAll(/(?<=^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
      ([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain,
    ),
  )
  return rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? ''])))
}
