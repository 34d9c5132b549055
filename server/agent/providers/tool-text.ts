import type { ProviderPatch, ProviderReport } from '@rebootless/shared/contract/provider.ts'
import type { ProgramResult } from '../programs/programs.ts'
import type { ProviderHost } from './provider.ts'

type Trouble = ProviderReport['troubles'][number]

const PATCHES_MAX = 512
const SOURCE_CHARACTERS_MAX = 256
const TROUBLE_CHARACTERS_MAX = 1000
const REFUSAL_CHARACTERS_MAX = 4096

/** Every CVE named in a text, in upper case, once each, in the order in which it names them. */
export const cveIds = (text: string): string[] => [
  ...new Set([...text.matchAll(/\bCVE-\d{4}-\d{4,19}(?!\d)/gi)].map(([id]) => id.toUpperCase())),
]

/** A day of the calendar, as `2027-03-31`. */
export const isDay = (text: string): boolean => {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

/** The first of these programs that is on the host, else null. */
export const firstProgram = async (host: ProviderHost, paths: readonly string[]): Promise<string | null> => {
  for (const path of paths) if (await host.exists(path)) return path
  return null
}

/** A name as the kernel's build gives it to a module; anything else in its place is not taken for one. */
export const isModuleName = (text: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}$/.test(text)

/** As the loaded module is called: `-` becomes `_` (KBUILD_MODNAME, scripts/Makefile.lib). */
export const moduleName = (fileName: string): string =>
  fileName.replace(/\.ko(?:\.(?:xz|gz|zst))?$/, '').replaceAll('-', '_')

export const trouble = (source: string, code: number | null, text: string): Trouble => ({
  source: source.slice(0, SOURCE_CHARACTERS_MAX),
  code,
  text: text.slice(0, TROUBLE_CHARACTERS_MAX),
})

/** Why a run told nothing, or not all: null when it ended well. Tools say what is wrong on either stream. */
export const runTrouble = (commandLine: string, result: ProgramResult): Trouble | null => {
  if (!result.ok) return trouble(commandLine, null, result.detail)
  if (result.truncated)
    return trouble(commandLine, result.exitCode, 'It printed more than is read; the rest is not known.')
  if (result.exitCode === 0) return null
  const said = (result.stderr.trim() || result.stdout.trim()).slice(0, TROUBLE_CHARACTERS_MAX)
  return trouble(commandLine, result.exitCode, said || 'It failed and said nothing.')
}

/**
 * Whether a tool said that it does not know what it was asked, as getopt(3) and Python's argparse word it. Its exit code then
 * answers nothing: argparse's 2 means something else to the tools that are written with it.
 */
export const refusesArguments = (result: ProgramResult): boolean =>
  result.ok &&
  result.exitCode !== 0 &&
  /^usage: |\b(?:unrecognized (?:arguments|option)|unknown option|no such option|invalid option)\b/im.test(
    `${result.stderr.slice(0, REFUSAL_CHARACTERS_MAX)}\n${result.stdout.slice(0, REFUSAL_CHARACTERS_MAX)}`,
  )

/** As many patches as a report holds, those that are in first; what is left out is told. */
export const boundPatches = <T extends Pick<ProviderPatch, 'state'>>(
  source: string,
  patches: readonly T[],
  troubles: Trouble[],
): T[] => {
  if (patches.length <= PATCHES_MAX) return [...patches]
  troubles.push(trouble(source, null, `It names ${patches.length} patches; only ${PATCHES_MAX} are kept.`))
  const loaded = patches.filter(({ state }) => state !== 'not_loaded')
  return [...loaded, ...patches.filter(({ state }) => state === 'not_loaded')].slice(0, PATCHES_MAX)
}
