// Goal: a link reproduces a run exactly, and what it says wrongly is corrected and said. Method: addresses of all kinds,
// and any setting there and back (property).
import { LOADS } from '@rebootless/server/sim/lab/lab-run.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BOUNDS, LAB_KEYS, type LabSearch, linkTo, NUMBER_KEYS, readLabAddress } from './lab-setting.ts'
import { SPEEDS } from './playback.ts'

const usual = { seed: 4_711, load: 'web_server', tasks: 200, cpus: 4, sleepers: 1, functions: 1, seconds: 30 }

test('an address that says nothing is the usual machine, with nothing to correct', () => {
  expect(readLabAddress({})).toMatchObject({ setting: usual, corrections: [] })
  expect(readLabAddress({}).look).toMatchObject({ atUs: null, axis: 'log', zoom: 0, view: 'picture', sweep: null })
})

test.each<[LabSearch, object, string]>([
  [{ tasks: '99999' }, { tasks: 2_000 }, 'Tasks: 99,999 is more than 2,000; 2,000 is used.'],
  [{ tasks: '-5' }, { tasks: 10 }, 'Tasks: -5 is less than 10; 10 is used.'],
  [{ cpus: '2.5' }, { cpus: 4 }, 'CPUs: “2.5” is not a whole number; 4 is used.'],
  [{ cpus: '' }, { cpus: 4 }, 'CPUs: “” is not a whole number; 4 is used.'],
  [{ seed: '1e9' }, { seed: 4_711 }, 'Seed: “1e9” is not a whole number; 4711 is used.'],
  [{ seed: '99999999999' }, { seed: 2_147_483_647 }, 'Seed: 99999999999 is more than 2147483647; 2147483647 is used.'],
  [{ load: 'constructor' }, { load: 'web_server' }, 'Load: “constructor” is not known; Web server is used.'],
  [{ tasks: '20', sleepers: '21' }, { tasks: 20, sleepers: 20 }, 'Sleepers: 21 is more than 20; 20 is used.'],
])('%j is corrected, and said', (search, setting, said) => {
  const address = readLabAddress(search)
  expect(address.setting).toEqual({ ...usual, ...setting })
  expect(address.corrections).toEqual([said])
})

test('a moment behind the end, and words nobody knows, are said too', () => {
  const { look, corrections } = readLabAddress({ seconds: '2', at: '9000000', axis: 'sideways', system: 'upkeep' })
  expect(look).toMatchObject({ atUs: 2_000_000, axis: 'log', system: null })
  expect(corrections).toHaveLength(3)
})

const anySearch = fc.record(
  Object.fromEntries(LAB_KEYS.map((key) => [key, fc.oneof(fc.string({ maxLength: 20 }), fc.integer().map(String))])),
  { requiredKeys: [] },
)

test('whatever an address says, the setting is within its bounds', () => {
  fc.assert(
    fc.property(anySearch, (search) => {
      const { setting, look } = readLabAddress(search)
      for (const key of NUMBER_KEYS) {
        expect(Number.isInteger(setting[key])).toBe(true)
        expect(setting[key]).toBeGreaterThanOrEqual(BOUNDS[key].least)
        expect(setting[key]).toBeLessThanOrEqual(BOUNDS[key].most)
      }
      expect(setting.sleepers).toBeLessThanOrEqual(setting.tasks)
      expect(look.atUs ?? 0).toBeLessThanOrEqual(setting.seconds * 1_000_000)
    }),
  )
})

const anySetting = fc
  .record({
    load: fc.constantFrom(...LOADS),
    ...{ tasks: fc.integer({ min: 10, max: 2_000 }), cpus: fc.integer({ min: 1, max: 64 }) },
    ...{ functions: fc.integer({ min: 1, max: 20 }), seed: fc.nat(), seconds: fc.integer({ min: 1, max: 600 }) },
    sleepers: fc.nat({ max: 10 }),
  })
  .map((setting) => setting)

test('the link to a run reads back as the same run at the same moment', () => {
  fc.assert(
    fc.property(
      anySetting,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom(...SPEEDS),
      (setting, part, speed) => {
        const atUs = Math.round(setting.seconds * 1_000_000 * part)
        const address = { setting, look: readLabAddress({ task: '12', sweep: 'tasks', speed }).look, corrections: [] }
        const { searchParams } = new URL(linkTo('https://example.org', address, atUs))
        const back = readLabAddress(Object.fromEntries(searchParams))
        expect(back).toEqual({ setting, look: { ...address.look, atUs }, corrections: [] })
      },
    ),
  )
})
