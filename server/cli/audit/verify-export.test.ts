// Goal: an export tells without the server whether its log was falsified, and how. Method: a real backend's export, changed
// line by line as somebody with the file, the database, or the key of another server could.
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { AuditExportLine } from '@rebootless/shared/contract/audit-api.ts'
import { AUDIT_CHAIN_START, auditLinkText } from '@rebootless/shared/domain/audit-chain.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openCommandKey } from '../../bff/link/command-key.ts'
import { auditCommand } from '../commands/audit.ts'

type CommandKey = Awaited<ReturnType<typeof openCommandKey>>

let folder: string
let key: CommandKey
let otherKey: CommandKey
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rebootless-verify-'))
  key = await openCommandKey(path.join(folder, 'one'))
  otherKey = await openCommandKey(path.join(folder, 'other'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** An export as the server writes it, heads at `heads`. */
const exported = (
  texts: readonly string[],
  heads: readonly number[],
  signer: CommandKey,
  named = signer,
): AuditExportLine[] => {
  let previousHash = AUDIT_CHAIN_START
  const entries = texts.map((entry, index) => {
    const sequence = index + 1
    const link = {
      kind: 'entry' as const,
      sequence,
      previousHash,
      entry,
      hash: sha256(auditLinkText(sequence, previousHash, entry)),
    }
    previousHash = link.hash
    return link
  })
  const at = '2026-11-20T10:00:00.000Z'
  return [
    { kind: 'start', version: 1, madeAt: at, publicKey: named.publicKey },
    ...entries,
    ...heads.map((sequence) => {
      const payload = canonicalJson({ version: 1, sequence, hash: entries[sequence - 1]?.hash ?? 'f'.repeat(64), at })
      return { kind: 'head' as const, head: signer.sign(PAYLOAD_TYPES.auditHead, payload) }
    }),
    { kind: 'end', entries: entries.length, heads: heads.length },
  ]
}
const texts = Array.from({ length: 9 }, (_, n) => `{"n":${n}}`)

let files = 0
const fileOf = async (lines: readonly AuditExportLine[] | string): Promise<string> => {
  files += 1
  const file = path.join(folder, `export-${files}.ndjson`)
  await writeFile(file, typeof lines === 'string' ? lines : lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return file
}

const run = async (...args: string[]): Promise<{ status: number; said: string }> => {
  const said: string[] = []
  const spies = (['log', 'error'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((text: unknown) => void said.push(String(text))),
  )
  const status = await auditCommand.run(args)
  for (const spy of spies) spy.mockRestore()
  return { status, said: said.join('\n') }
}
const verify = async (lines: readonly AuditExportLine[] | string, ...more: string[]) =>
  run('verify', await fileOf(lines), ...more)

const entryAt = (sequence: number) => (line: AuditExportLine) => line.kind === 'entry' && line.sequence === sequence

test('T30 an untouched export is sound, by its own key and by the one that is known', async () => {
  const lines = exported(texts, [4, 7], key)
  expect(await verify(lines)).toMatchObject({
    status: 0,
    said: expect.stringMatching(/signed up to 7 .*2 entries after it.*sound/s),
  })
  expect((await verify(lines, '--key', key.publicKey)).status).toBe(0)
})

describe('T30 each falsification is told', () => {
  const CASES: Record<string, { change: (lines: AuditExportLine[]) => AuditExportLine[]; said: RegExp }> = {
    'an entry tampered with': {
      change: (lines) =>
        lines.map((line) => (line.kind === 'entry' && line.sequence === 3 ? { ...line, entry: '{"n":99}' } : line)),
      said: /Entry 3 is not the one that was written/,
    },
    'an entry removed': { change: (lines) => lines.filter((line) => !entryAt(3)(line)), said: /Entry 3: removed/ },
    'an entry put in': {
      change: (lines) =>
        lines.flatMap((line) => (entryAt(3)(line) ? [line, { ...line, entry: '{}' } as AuditExportLine] : [line])),
      said: /Entry 3 comes after entry 3: put in/,
    },
    'entries reordered': {
      change: (lines) =>
        lines.map((line) =>
          line.kind === 'entry' && (line.sequence === 3 || line.sequence === 4)
            ? ({ ...lines[line.sequence === 3 ? 4 : 3], sequence: line.sequence } as AuditExportLine)
            : line,
        ),
      said: /Entry 3 was written as entry 4.*Entry 4 was written as entry 3/s,
    },
    'the tail cut, its heads left': {
      change: (lines) => lines.filter((line) => line.kind !== 'entry' || line.sequence < 6),
      said: /ends at 5, and was signed at 7: entries 6 to 7 removed/,
    },
    'the tail cut, and its head': {
      change: (lines) =>
        lines.filter((line) =>
          line.kind === 'entry'
            ? line.sequence < 6
            : line.kind !== 'head' || line.head.payload.includes('"sequence":4'),
        ),
      said: /1 of 2 signed heads were removed/,
    },
    'an unsigned entry of the end cut': {
      change: (lines) => lines.filter((line) => !entryAt(9)(line)),
      said: /made with 9 entries and holds 8/,
    },
    'all written anew, signed with another key': {
      change: () => exported(['{"n":99}', ...texts.slice(1)], [4, 7], otherKey, key),
      said: /Head 1 of the file is not signed by this key/,
    },
  }
  test.each(Object.entries(CASES))('%s', async (_, { change, said }) => {
    const { status, said: text } = await verify(change(exported(texts, [4, 7], key)))
    expect(text).toMatch(said)
    expect(text).not.toMatch(/sound/)
    expect(status).toBe(1)
  })

  test('all written anew with the server’s own key: found by any head that was kept elsewhere', async () => {
    const forged = exported(['{"n":99}', ...texts.slice(1)], [4, 7], key)
    const original = exported(texts, [4], key)
    expect((await verify(forged)).status).toBe(0)
    const older = await fileOf(original)
    const rewritten = { status: 1, said: expect.stringMatching(/Entry 4 is not the one that was signed/) }
    expect(await verify(forged, '--head', older)).toMatchObject(rewritten)
    const head = original.find((line) => line.kind === 'head')
    const ofAgent = await fileOf(JSON.stringify(head?.kind === 'head' ? [head.head] : null))
    expect(await verify(forged, '--head', ofAgent)).toMatchObject(rewritten)
    const fourth = original.find(entryAt(4))
    const ofServer = await fileOf(JSON.stringify({ sequence: 4, hash: fourth?.kind === 'entry' ? fourth.hash : '' }))
    expect(await verify(forged, '--head', ofServer)).toMatchObject(rewritten)
  })

  test('a key that made no head of the file is no proof', async () => {
    expect((await verify(exported(texts, [4, 7], key), '--key', otherKey.publicKey)).status).toBe(1)
  })
})

describe('what is no whole export is not judged', () => {
  const lines = () => exported(texts, [4, 7], key)
  const cut = (text: string) => text.slice(0, -20)
  test.each([
    ['an empty file', () => ''],
    [
      'a cut file',
      () =>
        cut(
          lines()
            .map((line) => JSON.stringify(line))
            .join('\n'),
        ),
    ],
    [
      'a file without its end',
      () =>
        lines()
          .slice(0, -1)
          .map((line) => JSON.stringify(line))
          .join('\n'),
    ],
    ['another file', () => '<html>'],
    ['two exports in one', () => [...lines(), ...lines()].map((line) => JSON.stringify(line)).join('\n')],
    ['a line of another shape', () => `${JSON.stringify(lines()[0])}\n{"kind":"entry"}\n`],
  ])('%s: 3', async (_, text) => {
    expect((await verify(text())).status).toBe(3)
  })

  test.each([
    [[]],
    [['verify']],
    [['prove', 'x']],
    [['verify', 'a', 'b']],
    [['verify', 'a', '--key', 'x']],
    [['verify', '/no/such/file']],
    [['verify', 'a', '--nonsense']],
  ])('wrong use, %j: 2', async (args) => {
    expect((await run(...args)).status).toBe(2)
  })
})
