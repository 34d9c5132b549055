// Goal: no bytes make the reading of an upload throw what is no refusal, hang, or say what breaks the contract (T14). Method:
// seeded mutations of real modules and packages: turned bits, numbers at the edges of what fits, pieces cut, moved and of
// other files. FUZZ_MUTATIONS=100000 is the whole, as CI runs it; FUZZ_SEED=n runs one case again.

import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ModuleFacts } from '@rebootless/shared/contract/module-facts.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Chance, seededChance } from '../../../agent/providers/test-mutations.ts'
import { moduleFileOf } from './module-file.ts'
import { readModule } from './read-module.ts'
import { readUpload } from './read-upload.ts'
import { BUILT_FOLDER, builtModule } from './test-built.ts'
import { EXPECTED } from './test-expected.ts'

const WHOLE = Number(process.env.FUZZ_MUTATIONS ?? 6_000)
/** A quarter of what is asked for: more than 20,000 in the whole. Packages take longer, and are a tenth of that. */
const MODULES = Math.ceil(WHOLE / 4)
const PACKAGES = Math.ceil(WHOLE / 40)
const ONE_SEED = process.env.FUZZ_SEED === undefined ? undefined : Number(process.env.FUZZ_SEED)

const modules = [
  ...EXPECTED.map(({ name }) => builtModule(`6.12/${name}`)),
  ...['machines/s390x', 'machines/aarch64', 'machines/powerpc64le', 'signed/by-issuer', 'signed/by-key-id'].map(
    builtModule,
  ),
]
const packages = [
  ...['lpi_plain.ko.gz', 'lpi_plain.ko.xz', 'lpi_plain.ko.zst', 'gzip.deb', 'none.deb', 'xz.deb', 'zstd.deb'],
  ...['gzip.rpm', 'xz.rpm', 'zstd.rpm', 'two.rpm', 'inside-xz.rpm'],
].map((name) => readFileSync(path.join(BUILT_FOLDER, 'packed', name)))

/** What overflows, is one too many, or is taken for a sign. */
const NUMBERS = [
  0n,
  1n,
  7n,
  0xffn,
  0xffffn,
  0x7fff_ffffn,
  0xffff_ffffn,
  1n << 32n,
  1n << 53n,
  (1n << 63n) - 1n,
  1n << 63n,
  (1n << 64n) - 1n,
]

/** Half of the places lie in the tables at the end, of sections, symbols and relocations, on which all else hangs. */
const placeIn = (bytes: Buffer, chance: Chance): number =>
  chance.below(2) === 0 ? chance.below(bytes.length) : bytes.length - 1 - chance.below(Math.ceil(bytes.length / 2))

const spoilt = (original: Buffer, others: readonly Buffer[], chance: Chance): Buffer => {
  let bytes = Buffer.from(original)
  for (let changes = 1 + chance.below(6); changes > 0; changes -= 1) {
    const at = placeIn(bytes, chance)
    const length = Math.min(1 + chance.below(64), bytes.length - at)
    switch (chance.below(8)) {
      case 0:
      case 1:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.below(8))
        break
      case 2:
      case 3: {
        const word = Buffer.alloc(8)
        word.writeBigUInt64LE(chance.pick(NUMBERS as [bigint, ...bigint[]]))
        const aligned = at - (at % 8)
        word.copy(bytes, aligned, 0, chance.below(2) === 0 ? 4 : 8)
        break
      }
      case 4:
        bytes.fill(chance.pick([0, 0x41, 0xff]), at, at + length)
        break
      case 5:
        bytes.copy(bytes, at, placeIn(bytes, chance), bytes.length)
        break
      case 6: {
        const other = chance.pick(others as [Buffer, ...Buffer[]])
        const from = chance.below(other.length)
        other.copy(bytes, at, from, from + length)
        break
      }
      default:
        if (chance.below(4) === 0) bytes = bytes.subarray(0, Math.max(1, at))
    }
  }
  return bytes
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rebootless-fuzz-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const seeds = (count: number) =>
  ONE_SEED === undefined ? Array.from({ length: count }, (_, seed) => seed) : [ONE_SEED]

/** What is wrong with an answer, if anything. */
const faultOf = (answer: unknown): string | null => {
  if (answer instanceof DomainError) return answer.code === 'artefact_refused' ? null : `refused as ${answer.code}`
  if (answer instanceof Error) return `threw ${answer.stack}`
  if (!ModuleFacts.safeParse(answer).success) return 'breaks the contract'
  // PostgreSQL keeps neither in jsonb; JSON.stringify writes both as escapes.
  return /\\u(0000|d[89a-f]..)/.test(JSON.stringify(answer)) ? 'holds what no database keeps' : null
}

test('T14 seeded mutations of modules', { timeout: 60_000 + MODULES * 20 }, () => {
  const wrong: string[] = []
  let read = 0
  let withTables = 0
  for (const seed of seeds(MODULES)) {
    const bytes = spoilt(modules[seed % modules.length] as Buffer, modules, seededChance(seed))
    let answer: unknown
    try {
      const facts = readModule(moduleFileOf(bytes))
      read += 1
      if (facts.objects !== null) withTables += 1
      answer = facts
    } catch (error) {
      answer = error
    }
    const fault = faultOf(answer)
    if (fault !== null) wrong.push(`FUZZ_SEED=${seed}: ${fault}`)
  }
  expect(wrong.slice(0, 10)).toEqual([])
  // Were all spoilt beyond reading, nothing would be shown by it.
  if (ONE_SEED === undefined) expect([read > MODULES / 5, withTables > MODULES / 10]).toEqual([true, true])
})

test('T14 seeded mutations of packed modules and packages', { timeout: 60_000 + PACKAGES * 100 }, async () => {
  const wrong: string[] = []
  const upload = path.join(folder, 'upload')
  for (const seed of seeds(PACKAGES)) {
    const bytes = spoilt(packages[seed % packages.length] as Buffer, packages, seededChance(seed))
    await writeFile(upload, bytes)
    const work = await mkdtemp(path.join(folder, 'work-'))
    const answer = await readUpload(upload, work).then(
      ({ facts }) => facts,
      (error: unknown) => error,
    )
    const fault = faultOf(answer)
    if (fault !== null) wrong.push(`FUZZ_SEED=${seed}: ${fault}`)
    await rm(work, { recursive: true })
  }
  expect(wrong.slice(0, 10)).toEqual([])
  expect(await readdir(folder)).toEqual(['upload'])
})
