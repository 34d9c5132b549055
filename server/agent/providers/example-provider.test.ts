// Goal: the worked example of docs/providers.md works as it is printed there. Method: the example is this file's code
// between the two marks; the document's text is compared with it, and the example is run like any provider.
import { readFile } from 'node:fs/promises'
// example: begin
import type { ProviderPatch, ProviderTrouble } from '@rebootless/shared/contract/provider.ts'
import type { ProviderName, ProviderPatchState } from '@rebootless/shared/domain/words.ts'
import type { Provider } from './provider.ts'
import { boundPatches, cveIds, runTrouble, trouble } from './tool-text.ts'

const STATE = '/run/hotfix/state'
const TOOL = '/usr/sbin/hotfixctl'

export const hotfixProvider: Provider = {
  // A real one is in PROVIDER_NAMES, PROVIDER_TITLES and PROVIDER_DECLARATIONS.
  name: 'hotfix' as string as ProviderName,
  title: 'Hotfix',
  detect: (host) => host.exists(TOOL),
  watches: () => [STATE],
  async read(host) {
    const troubles: ProviderTrouble[] = []
    // A file costs no process, holds no lock and has no locale.
    const state = await host.readText(STATE)
    if (!state.ok) troubles.push(trouble(STATE, null, `It could not be read: ${state.errno}.`))
    const patches = state.ok ? boundPatches(STATE, parseState(state.value), troubles) : null
    // `--offline`, since nothing that a timer starts may call the vendor.
    const offers = await host.run(TOOL, ['offers', '--offline'], { timeMs: 5_000 })
    const wrong = runTrouble(`${TOOL} offers --offline`, offers)
    if (wrong !== null) troubles.push(wrong)
    return {
      detail:
        patches === null ? 'Which patches are in is not known.' : `${patches.length} patches are known to Hotfix.`,
      patches,
      // Not known is null, and never an empty list.
      steps: wrong === null ? parseOffers(offers.stdout) : null,
      troubles,
    }
  },
}

/** A Map, since a word of the host's may be `__proto__`. A word that is not in it is not known, never healthy. */
const STATES = new Map<string, ProviderPatchState>([
  ['loaded', 'applied'],
  ['loading', 'patching'],
  ['error', 'failed'],
])

/** `WORD NAME VERSION CVE,CVE`, as hotfixctl(8) has it. A line that is not like that is no patch. */
export const parseState = (text: string): ProviderPatch[] =>
  text.split('\n').flatMap((line) => {
    const [word = '', name, version] = line.trim().split(/\s+/)
    if (name === undefined || !/^[\w.-]{1,128}$/.test(name)) return []
    return {
      ...{ id: name, name, version: version?.slice(0, 64) ?? null, target: 'kernel' },
      ...{ state: STATES.get(word) ?? 'unknown', stateText: word.slice(0, 64), cves: cveIds(line).slice(0, 2048) },
      ...{ livepatch: name.slice(0, 64), atNextBoot: null, protects: true, withdrawn: false },
    }
  })

/** One name a line. */
export const parseOffers = (text: string) =>
  text.split('\n').flatMap((line) => {
    const name = line.trim()
    return /^[\w.-]{1,128}$/.test(name) ? [{ action: 'install' as const, id: name, name, cves: [] }] : []
  })

// example: end
import { providerReport } from '@rebootless/shared/domain/provider-report.ts'
import { describe, expect, test } from 'vitest'
import { runProvider } from './run-provider.ts'
import type { TestHostOptions } from './test-provider-host.ts'
import { textMachine } from './test-text-machine.ts'

const HOST: TestHostOptions = {
  files: {
    [TOOL]: '',
    [STATE]: 'loaded hotfix_1 1.4 CVE-2026-12345,cve-2026-23456\nthinking hotfix_2 2.0\nnonsense\n',
  },
  programs: { [`${TOOL} offers --offline`]: { stdout: 'hotfix_3\n' } },
}

const reading = async (host: TestHostOptions) => {
  const sleep = (_milliseconds: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }))
  const clock = { now: () => 0, monotonicMicroseconds: () => 0, sleep }
  return runProvider(hotfixProvider, { ...textMachine(host), clock })
}

describe('the worked example of docs/providers.md', () => {
  test('is printed there as it is here', async () => {
    const own = await readFile(new URL(import.meta.url), 'utf8')
    const document = await readFile(new URL('../../../docs/providers.md', import.meta.url), 'utf8')
    const here = own.split('// example: begin\n')[1]?.split('// example: end\n')[0]
    const there = document.split('<!-- example: begin -->\n\n```ts\n')[1]?.split('```\n\n<!-- example: end -->')[0]
    expect(there, 'Copy the lines between the marks of this file into docs/providers.md').toBe(here)
  })

  test('reports what the files and the tool say', async () => {
    const patch = { version: null, target: 'kernel', atNextBoot: null, protects: true, withdrawn: false } as const
    const { report, watches, raw } = await reading(HOST)
    expect(report).toEqual(
      providerReport(hotfixProvider.name, {
        detail: '2 patches are known to Hotfix.',
        patches: [
          {
            ...{ ...patch, id: 'hotfix_1', name: 'hotfix_1', version: '1.4', state: 'applied', stateText: 'loaded' },
            ...{ cves: ['CVE-2026-12345', 'CVE-2026-23456'], livepatch: 'hotfix_1' },
          },
          {
            ...{ ...patch, id: 'hotfix_2', name: 'hotfix_2', version: '2.0', state: 'unknown', stateText: 'thinking' },
            ...{ cves: [], livepatch: 'hotfix_2' },
          },
        ],
        steps: [{ action: 'install', id: 'hotfix_3', name: 'hotfix_3', cves: [] }],
      }),
    )
    expect(watches).toEqual([STATE])
    expect(raw.map(({ path }) => path)).toEqual([STATE, `${TOOL} offers --offline`])
  })

  test('says what it could not read', async () => {
    const { report } = await reading({
      files: { [TOOL]: '', [STATE]: { errno: 'EACCES' } },
      programs: { [`${TOOL} offers --offline`]: { exitCode: 2, stderr: 'no index\n' } },
    })
    expect(report).toMatchObject({
      ...{ patches: null, steps: null },
      troubles: [
        { source: STATE, code: null, text: 'It could not be read: EACCES.' },
        { source: `${TOOL} offers --offline`, code: 2, text: 'no index' },
      ],
    })
  })

  test('is not spoken of where it is not installed', async () => {
    expect((await reading({})).report).toBeNull()
  })
})
