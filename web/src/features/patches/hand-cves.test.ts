// Goal: CVEs typed by hand are taken as they are meant, and what is none is named. Method: what people type.
import { expect, test } from 'vitest'
import { parseHandCves } from './hand-cves.ts'

test.each([
  ['', []],
  ['cve-2024-1086', ['CVE-2024-1086']],
  ['CVE-2024-1086, CVE-2024-53173\n CVE-2024-1086', ['CVE-2024-1086', 'CVE-2024-53173']],
])('%j names %j', (typed, cves) => {
  expect(parseHandCves(typed)).toEqual({ ok: true, cves })
})

test.each(['2024-1086', 'CVE-2024', 'CVE-2024-1086x', 'CVE-2024-1086 and'])('%j is refused, and said why', (typed) => {
  expect(parseHandCves(typed)).toMatchObject({ ok: false, detail: expect.stringMatching(/is no CVE/) })
})
