// Goal: the judge is right on 2,000 hosts × 300 real CVEs. Method: hosts are generated around the versions that the shipped facts name,
// and each pair is judged a second time by shared/domain/exposure/oracle, which is slow, plain and shares nothing with the judge; the
// statuses must be equal. SEED=4711 repeats one run.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { type CveKnowledge, CveStatement, LivepatchNotice } from '@rebootless/shared/contract/vulnerabilities.ts'
import { VERDICTS, type VerdictStatus } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { judge, prepareClass } from '@rebootless/shared/domain/exposure/judge.ts'
import { generatedHost, groundOf } from '@rebootless/shared/domain/exposure/oracle/generated-hosts.ts'
import { oracleStatus } from '@rebootless/shared/domain/exposure/oracle/oracle.ts'
import { prepareKnowledge } from '@rebootless/shared/domain/exposure/prepared-knowledge.ts'
import { testSource } from '@rebootless/shared/domain/exposure/test-exposure.ts'
import { seeded } from '@rebootless/shared/domain/exposure/test-seeded.ts'
import { describe, expect, test } from 'vitest'

const HOSTS = 2_000
const CVES = 300
/** Hosts of one test, so that none takes long. */
const SLICE = 200
/** Withdrawn ids have nothing but that. */
const WITHDRAWN = 10
const SEED = Number(process.env.SEED ?? 20_261_127)

const shipped = (): { cves: CveKnowledge[]; notices: LivepatchNotice[] } => {
  const text = gunzipSync(readFileSync(new URL('shipped/facts.jsonl.gz', import.meta.url))).toString()
  const statements = new Map<string, CveKnowledge['statements'][number][]>()
  const notices: LivepatchNotice[] = []
  for (const line of text.split('\n').slice(1)) {
    if (line === '') continue
    const said = JSON.parse(line)
    if ('notice' in said) notices.push(LivepatchNotice.parse(said.notice))
    else {
      const list = statements.get(said.cve) ?? []
      list.push({ statement: CveStatement.parse(said.statement), from: testSource('shipped', said.document) })
      statements.set(said.cve, list)
    }
  }
  return { cves: [...statements].map(([id, list]) => ({ id, statements: list })), notices }
}

const isWithdrawn = ({ statements }: CveKnowledge) =>
  statements.some(({ statement }) => statement.kind === 'record' && statement.rejected)

const drawn = <T>(random: ReturnType<typeof seeded>, from: readonly T[], count: number): T[] => {
  const left = [...from]
  return Array.from({ length: count }, () => left.splice(random.below(left.length), 1)[0] as T)
}

const random = seeded(SEED)
const { cves: all, notices } = shipped()
const cves = [
  ...drawn(
    random,
    all.filter((cve) => !isWithdrawn(cve)),
    CVES - WITHDRAWN,
  ),
  ...drawn(random, all.filter(isWithdrawn), WITHDRAWN),
]
const knowledge = prepareKnowledge(
  cves,
  notices.map((notice) => ({ notice, from: testSource('shipped', notice.notice) })),
)
const ground = groundOf(cves, notices, random)
const hosts = Array.from({ length: HOSTS }, () => generatedHost(ground))
const plain = cves.map(({ id, statements }) => ({
  id,
  statements: statements.map(({ statement }) => statement),
  notices: notices.filter((notice) => notice.cves.includes(id)),
}))
const met = new Map<VerdictStatus, number>()
let pairs = 0

describe(`the judge and the plain rules agree (seed ${SEED})`, () => {
  const slices = Array.from({ length: HOSTS / SLICE }, (_, index) => index * SLICE)

  test.each(slices)('on hosts from %i', (from) => {
    const wrong: string[] = []
    for (const host of hosts.slice(from, from + SLICE)) {
      const prepared = prepareClass(host.facts, knowledge)
      for (const { id, statements, notices } of plain) {
        const expected = oracleStatus(host, id, statements, notices)
        const { status, why } = judge(prepared, id)
        met.set(expected, (met.get(expected) ?? 0) + 1)
        pairs += 1
        if (status !== expected && wrong.length < 3)
          wrong.push(`${id}: ${status} (${why}), by the plain rules ${expected}\n${JSON.stringify(host)}`)
      }
    }
    expect(wrong).toEqual([])
  })

  test('and each status was met often enough to tell something', () => {
    expect(pairs).toBe(HOSTS * CVES)
    for (const status of VERDICTS) expect(met.get(status) ?? 0, status).toBeGreaterThan(500)
  })
})
