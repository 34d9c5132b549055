// Goal: the hash that a document carries is of the file beside it, whatever order the answers had. Method: Node's own SHA-256.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { type DocumentData, documentText, inEights, sha256 } from './document-data.ts'

test('equal data have an equal text, and its SHA-256 is that of sha256sum', async () => {
  const one = { cves: [], summary: { b: 1, a: 'ä' } } as unknown as DocumentData
  const other = { summary: { a: 'ä', b: 1 }, cves: [] } as unknown as DocumentData
  expect(documentText(one)).toBe(documentText(other))
  const hash = await sha256(documentText(one))
  expect(hash).toBe(createHash('sha256').update(documentText(one)).digest('hex'))
  expect(inEights(hash ?? '').replaceAll(' ', '')).toBe(hash)
})
