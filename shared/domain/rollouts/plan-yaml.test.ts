// Goal: a plan as text says the same as the plan, and what is wrong with a text is told by line and field. Method: plans and
// texts by hand, and properties over plans and over any text.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { planOfDocument, RolloutDocument } from '../../contract/rollout-file.ts'
import { type Gate, RolloutPlan } from '../../contract/rollout-plan.ts'
import { planFromYaml, planToYaml, readPlanYaml } from './plan-yaml.ts'

const TEXT = `apiVersion: rebootless/v1
kind: Rollout
metadata:
  name: nfs fix
spec:
  reason: CVE-2026-1
  change:
    kind: load
    patches:
      - ${'ab'.repeat(32)}
  hosts: role:web
  waves:
    - name: canary
      share:
        kind: count
        hosts: 1
      soakSeconds: 600
    - name: rest
      share:
        kind: rest
`
const read = (text: string) => planFromYaml(text, RolloutDocument)
const planIn = (text: string) => {
  const result = read(text)
  return result.ok ? planOfDocument(result.file) : result.errors
}
const errors = (text: string) => {
  const result = read(text)
  return result.ok ? [] : result.errors.map(({ line, field, text: said }) => [line, field, said])
}

const gate: fc.Arbitrary<Gate> = fc.oneof(
  fc.record({
    kind: fc.constant('transitions' as const),
    percent: fc.integer({ min: 1, max: 100 }),
    withinSeconds: fc.integer({ min: 0, max: 86_400 }),
  }),
  fc.constant({ kind: 'kernel log' as const }),
  fc.record({
    ...{ kind: fc.constant('prometheus' as const), url: fc.constant('https://metrics.example/') },
    query: fc.string({ minLength: 1, maxLength: 80 }).filter((query) => query.trim() === query && query !== ''),
    ...{ is: fc.constantFrom('<' as const, '>=' as const), value: fc.integer() },
  }),
)
/** Words that readers of YAML like to take for something else, and any other. */
const word = fc
  .oneof(
    fc.constantFrom('no', '1e3', '22:00', '~', '- a', 'a: b', '#x', '*', '&a', '"', '%', 'ünï 💥', '\u0000'),
    fc.string(),
  )
  .filter((text) => text.trim() === text && text.length > 0 && text.length <= 60)
const plan = fc
  .record({
    ...{ name: word, reason: word, hosts: word },
    change: fc.record({
      kind: fc.constant('update'),
      provider: word.filter((w) => w.length <= 32),
      level: fc.option(word),
    }),
    gates: fc.array(gate, { maxLength: 4 }),
    waves: fc.array(
      fc.record(
        {
          name: word,
          share: fc.oneof(
            fc.record({ kind: fc.constant('count'), hosts: fc.integer({ min: 1, max: 100 }) }),
            fc.record({
              kind: fc.constant('label'),
              key: fc.constant('rack'),
              values: fc.array(word, { minLength: 1 }),
            }),
          ),
          gates: fc.array(gate, { maxLength: 2 }),
        },
        { requiredKeys: ['name', 'share'] },
      ),
      { minLength: 1, maxLength: 4 },
    ),
    windows: fc.constant([{ timeZone: 'Europe/Berlin', days: ['monday'], from: '22:00', to: '04:30' }]),
  })
  .map((given) => RolloutPlan.parse({ version: 1, ...given }))

describe('a plan as YAML', () => {
  test('is the plan again, with what was left out filled in', () => {
    expect(planIn(TEXT)).toMatchObject({
      name: 'nfs fix',
      waves: [{ soakSeconds: 600 }, { soakSeconds: 0 }],
      stalls: { policy: 'ask', afterSeconds: 600 },
    })
  })

  test('any plan comes back as it was, and the order of its fields makes no difference', () => {
    fc.assert(
      fc.property(plan, (given) => {
        const text = planToYaml(given)
        expect(planIn(text), text).toEqual(given)
        const turned = Object.fromEntries(Object.entries(given).reverse()) as RolloutPlan
        expect(planToYaml(turned)).toBe(text)
      }),
    )
  })

  test('readers of the older YAML see no number in a time of day', () => {
    const windows = [{ timeZone: 'UTC', days: ['monday' as const], from: '22:00', to: '06:00' }]
    expect(planToYaml({ name: 'x', windows })).toContain('from: "22:00"')
  })
})

describe('what is wrong with a text', () => {
  test.each([
    [
      'a field that is not known',
      TEXT.replace('hosts: role:web', 'host: role:web'),
      [
        [5, 'spec.hosts', 'spec.hosts is missing'],
        [11, 'spec.host', 'spec.host is not known here: leave it out'],
      ],
    ],
    [
      'a number out of bounds',
      TEXT.replace('soakSeconds: 600', 'soakSeconds: -1'),
      [[17, 'spec.waves[0].soakSeconds', 'spec.waves[0].soakSeconds must be at least 0']],
    ],
    [
      'a kind that is not there',
      TEXT.replace('kind: rest', 'kind: all'),
      [[20, 'spec.waves[1].share.kind', 'spec.waves[1].share.kind is not one there is']],
    ],
    [
      'a text where a number stands',
      TEXT.replace('hosts: 1\n', 'hosts: one\n'),
      [[16, 'spec.waves[0].share.hosts', 'spec.waves[0].share.hosts should be a number']],
    ],
    ['another kind of file', TEXT.replace('Rollout', 'Policy'), [[2, 'kind', 'kind should be Rollout']]],
    ['no fields at all', 'hello', [[1, '', 'The file should have fields of its own']]],
    ['a field twice', `${TEXT}kind: Rollout\n`, [[21, '', 'The field is given twice: give it once.']]],
    ['a tab', TEXT.replace('    kind: load', '\tkind: load'), [[8, '', 'The line is indented by a tab: use spaces.']]],
    ['two documents', `${TEXT}---\n${TEXT}`, [[21, '', 'There is more than one document: a plan is one.']]],
    [
      'a tag',
      TEXT.replace('name: nfs fix', 'name: !secret x'),
      [[4, '', 'A tag is used that is not known: leave it out.']],
    ],
    ['nothing', ' \n', [[1, '', 'There is no plan yet: the text is empty.']]],
  ])('%s is told at its line', (_, text, expected) => {
    expect(errors(text).slice(0, expected.length)).toEqual(expected)
  })

  test('aliases that unfold to millions, deep nesting and a flood of text are refused at once', () => {
    const letters = 'abcdefghij'
    const bomb = [...letters].map((name, index) => {
      const before = letters[index - 1]
      return `${name}: &${name} [${Array(9)
        .fill(before === undefined ? 'x' : `*${before}`)
        .join(', ')}]`
    })
    expect(errors(bomb.join('\n'))).toEqual([[1, '', expect.stringContaining('aliases')]])
    expect(readPlanYaml('['.repeat(50_000)).ok).toBe(false)
    expect(readPlanYaml(`a: ${'x'.repeat(600_000)}`)).toMatchObject({
      errors: [{ text: expect.stringContaining('512 KiB') }],
    })
  })

  test('a key that reaches into prototypes is a field like any other', () => {
    expect(errors(`${TEXT}__proto__:\n  polluted: true\n`)).toEqual([
      [21, '__proto__', '__proto__ is not known here: leave it out'],
    ])
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  test('any text is either a plan or has a line that is told', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string().map((junk) => TEXT + junk),
        ),
        (text) => {
          const result = read(text)
          const last = text.split(/\n/).length
          if (!result.ok) {
            expect(result.errors.length).toBeGreaterThan(0)
            for (const { line } of result.errors)
              expect(line >= 1 && line <= last, `line ${line} of ${last}`).toBe(true)
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})
