// Goal: no text that a tool may print makes a provider throw, hang, break the contract, or name a patch or a CVE that the
// host did not. Method: seeded mutations of every provider's samples, spliced with other tools' texts, through the same
// reading as on a host. FUZZ_MUTATIONS=100000 is the whole, as CI runs it; FUZZ_SEED=n runs one case again.
import { RawFile } from '@rebootless/shared/contract/kernel.ts'
import { type ProviderPatch, ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Clock } from '../clock.ts'
import { PROVIDERS } from './all-providers.ts'
import type { Provider, ProviderHost } from './provider.ts'
import { type ProviderReading, runProvider } from './run-provider.ts'
import { HUGE_KINDS, hugeText, mutatedHost, seededChance } from './test-mutations.ts'
import { type TestHostOptions, testProviderHost } from './test-provider-host.ts'
import { textMachine } from './test-text-machine.ts'

/** Over all providers. A share of the whole, to keep `npm test` short. */
const MUTATIONS = Number(process.env.FUZZ_MUTATIONS ?? 6_000)
const WHOLE = MUTATIONS >= 100_000
const ONE_SEED = process.env.FUZZ_SEED === undefined ? undefined : Number(process.env.FUZZ_SEED)
const EACH = Math.ceil(MUTATIONS / Math.max(1, PROVIDERS.length))
/** Some milliseconds for each case, many times what one takes: a provider that hangs is to fail, and not the machine. */
const TIME_MS = 60_000 + EACH * 60
/** Far more than any sample needs, and as many as a walk through a folder of hostile names may cost. */
const ASKED_MAX = 4_000

/** A provider that waits for time to pass waits for ever. */
const still: Clock = {
  now: () => Date.UTC(2026, 10, 26),
  monotonicMicroseconds: () => 0,
  sleep: (_milliseconds, signal) =>
    new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true })),
}

const samplesOf = new Map<Provider, readonly TestHostOptions[]>()
const texts: string[] = []
beforeAll(async () => {
  for (const provider of PROVIDERS) {
    const { samples } = (await import(`./${provider.name}/samples.ts`)) as { samples: readonly TestHostOptions[] }
    samplesOf.set(provider, samples)
    for (const host of samples) texts.push(...textsOf(host))
  }
})

const textsOf = ({ files, programs }: TestHostOptions): string[] => [
  ...Object.values(files ?? {}).flatMap((content) => (typeof content === 'string' ? [content] : [])),
  ...Object.values(programs ?? {}).flatMap((program) =>
    'errno' in program ? [] : [program.stdout ?? '', program.stderr ?? ''],
  ),
]

const SAID_CHARACTERS_MAX = 256 * 1024

/** All that a host tells, in one text; what is longer says the same over and over. */
const everything = (host: TestHostOptions): string =>
  [
    ...textsOf(host).map((text) => text.slice(0, SAID_CHARACTERS_MAX)),
    ...Object.keys(host.files ?? {}),
    ...Object.keys(host.programs ?? {}),
    JSON.stringify([host.livepatches, host.modules, host.kernel, host.operatingSystem]),
  ].join('\n')

/** A module is called as its file is, with `_` for `-`; and so is a CVE in the name of a module of Amazon's. */
const underscored = (text: string): string => text.replaceAll('-', '_')

/** What is wrong with a reading of this host, if anything. */
const faults = ({ report, raw }: ProviderReading, host: TestHostOptions, asked: number): string[] => {
  const found: string[] = []
  if (asked > ASKED_MAX) found.push(`asked the host ${asked} times`)
  for (const file of raw) if (!RawFile.safeParse(file).success) found.push(`keeps ${file.path} against the contract`)
  if (report === null) return found
  const parsed = ProviderReport.safeParse(report)
  if (!parsed.success) found.push(`breaks the contract: ${parsed.error.message}`)
  for (const { text } of report.troubles) if (/^The provider failed|^It took longer/.test(text)) found.push(text)
  const named = [...(report.patches ?? []), ...(report.steps ?? [])]
  if (named.length === 0) return found
  const text = everything(host)
  const [said, saidOfCves] = [underscored(text), text.toUpperCase().replaceAll('_', '-')]
  for (const { id, cves } of named) {
    if (!said.includes(underscored(id))) found.push(`invents the patch ${id}`)
    for (const cve of cves) if (!saidOfCves.includes(cve)) found.push(`invents ${cve} for ${id}`)
  }
  return found
}

const tried = async (provider: Provider, host: TestHostOptions): Promise<string[]> => {
  const machine = textMachine(host)
  const reading = await runProvider(provider, { ...machine, clock: still })
  if (reading.report?.patches?.length) withPatches += 1
  return faults(reading, host, machine.asked())
}

let withPatches = 0

const caseOf = (samples: readonly TestHostOptions[], seed: number): TestHostOptions => {
  const chance = seededChance(seed)
  return mutatedHost(samples[seed % samples.length] ?? {}, chance, [texts[0] ?? '', ...texts.slice(1)])
}

describe.each(PROVIDERS.map((provider) => ({ name: provider.name, provider })))('$name', ({ provider }) => {
  test('its samples are read without a fault, and are of this system', async () => {
    const samples = samplesOf.get(provider) ?? []
    expect(samples.length).toBeGreaterThan(0)
    for (const host of samples) {
      expect(await provider.detect(testProviderHost(host))).toBe(true)
      expect(await tried(provider, host)).toEqual([])
    }
  })

  test(`T04 ${EACH} mutations`, { timeout: TIME_MS }, async () => {
    const samples = samplesOf.get(provider) ?? []
    const wrong: string[] = []
    withPatches = 0
    for (let seed = ONE_SEED ?? 0; seed < (ONE_SEED === undefined ? EACH : ONE_SEED + 1); seed += 1) {
      for (const fault of await tried(provider, caseOf(samples, seed))) wrong.push(`FUZZ_SEED=${seed}: ${fault}`)
      if (wrong.length >= 10) break
    }
    expect(wrong).toEqual([])
    // Were all spoilt beyond reading, nothing would be shown by it.
    if (ONE_SEED === undefined) expect(withPatches).toBeGreaterThan(EACH / 10)
  })

  test('T04 ten megabytes of anything: what takes more than linear time would not end here', {
    timeout: TIME_MS,
  }, async () => {
    let kind = 0
    for (const host of samplesOf.get(provider) ?? []) {
      // The share takes each text filled up in one way, the whole in all ways.
      for (const spoilt of Array.from({ length: WHOLE ? HUGE_KINDS : 1 }, () => hugeHosts(host, kind++))) {
        for (const huge of spoilt) expect(await tried(provider, huge)).toEqual([])
      }
    }
  })
})

test('T40 a provider that throws, invents or asks without end is found out', async () => {
  const [real] = PROVIDERS
  if (real === undefined) throw new Error('there is no provider')
  const [host = {}] = samplesOf.get(real) ?? []
  const patch: ProviderPatch = {
    ...{ id: 'p', name: 'p', version: null, target: 'kernel', state: 'applied', stateText: null, livepatch: null },
    ...{ cves: [], atNextBoot: null, protects: true, withdrawn: false },
  }
  const faulty = (read: Provider['read']) => tried({ ...real, detect: async () => true, read }, host)
  const told = (patches: ProviderReport['patches']) => faulty(async () => ({ detail: '', patches }))
  expect(await told([])).toEqual([])
  expect(await told([{ ...patch, id: 'not-in-any-sample' }])).toEqual([expect.stringContaining('invents the patch')])
  expect(await told([{ ...patch, cves: ['CVE-1999-99999'] }])).toEqual([expect.stringContaining('invents CVE-1999')])
  expect(await faulty(() => Promise.reject(new Error('odd')))).toEqual(['The provider failed: odd'])
  const curious = async (machine: ProviderHost) => {
    for (let count = 0; count <= ASKED_MAX; count += 1) await machine.exists('/')
    return { detail: '' }
  }
  expect(await faulty(curious)).toEqual([expect.stringContaining('asked the host')])
})

/** This host, each time with another one of its texts made huge. */
function* hugeHosts(host: TestHostOptions, firstKind: number): Generator<TestHostOptions> {
  let kind = firstKind
  for (const [command, program] of Object.entries(host.programs ?? {})) {
    if ('errno' in program) continue
    const stdout = hugeText(program.stdout ?? '', kind++ % HUGE_KINDS)
    yield { ...host, programs: { ...host.programs, [command]: { ...program, stdout } } }
  }
  for (const [path, content] of Object.entries(host.files ?? {})) {
    if (typeof content === 'string')
      yield { ...host, files: { ...host.files, [path]: hugeText(content, kind++ % HUGE_KINDS) } }
  }
}
