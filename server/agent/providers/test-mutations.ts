import type { TestHostOptions } from './test-provider-host.ts'

/** Chance that is the same for the same seed. */
export interface Chance {
  /** From 0 to below `limit`. */
  below(limit: number): number
  pick<T>(list: readonly [T, ...T[]]): T
}

/** Mulberry32 (public domain, Tommy Ettinger): 32 bits of state are enough to find a case again. */
export const seededChance = (seed: number): Chance => {
  let state = seed >>> 0
  const below = (limit: number) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000) * limit)
  }
  return { below, pick: (list) => list[below(list.length)] ?? list[0] }
}

/** What no tool prints, and some people would like it to. */
const HOSTILE = [
  '\u001b[2J\u001b]0;title\u0007',
  '\u0000',
  '\u202e\u2066',
  '\ufeff',
  '\r',
  '\u2028',
  '\ud800',
  '__proto__',
  '"',
  '{',
  '[',
  '- &a *a',
  ': ',
  '%s%n',
  '-1',
  '99999999999999999999999999',
  'CVE-',
  'NaN',
  '<script>',
  ' '.repeat(2_000),
  '('.repeat(2_000),
] as const

const HUGE_CHARACTERS = 10 * 1024 * 1024
const MUTATIONS_MAX = 4

/** One of many ways to spoil a text; `others` are texts of other tools. */
const mutatedText = (text: string, chance: Chance, others: readonly [string, ...string[]]): string => {
  const at = chance.below(text.length + 1)
  const lines = text.split('\n')
  const line = chance.below(lines.length)
  switch (chance.below(14)) {
    case 0: // another character
      return text.slice(0, at) + String.fromCharCode(chance.below(chance.pick([128, 256, 65_536]))) + text.slice(at + 1)
    case 1: // one bit of a character
      return (
        text.slice(0, at) +
        String.fromCharCode((text.charCodeAt(at) || 0) ^ (1 << chance.below(7))) +
        text.slice(at + 1)
      )
    case 2:
      return text.slice(0, at) + text.slice(at + 1 + chance.below(8))
    case 3:
      return text.slice(0, at)
    case 4:
      return text.slice(at)
    case 5:
      return lines.toSpliced(line, 1 + chance.below(3)).join('\n')
    case 6:
      return lines.toSpliced(line, 0, ...lines.slice(line, line + 1 + chance.below(3))).join('\n')
    case 7: {
      const [moved = ''] = lines.splice(line, 1)
      return lines.toSpliced(chance.below(lines.length + 1), 0, moved).join('\n')
    }
    case 8: {
      const other = chance.pick(others)
      const from = chance.below(other.length + 1)
      return text.slice(0, at) + other.slice(from, from + chance.below(2_000)) + text.slice(at + chance.below(2) * 50)
    }
    case 9:
      return chance.pick(others)
    case 10:
      return text.slice(0, at) + chance.pick(HOSTILE) + text.slice(at)
    case 11:
      return text.replaceAll(/\d+/g, (digits) => (chance.below(4) === 0 ? String(chance.below(2 ** 31)) : digits))
    case 12:
      return chance.pick([
        text.replaceAll('\n', '\r\n'),
        text.replaceAll(' ', '\t'),
        text.toUpperCase(),
        text.trim(),
        '',
      ])
    default:
      return text.slice(0, at) + text.slice(at - chance.below(20), at).repeat(1 + chance.below(40)) + text.slice(at)
  }
}

const ERRNOS = ['ENOENT', 'EACCES', 'EPERM', 'EIO', 'ETIMEDOUT', 'EISDIR', 'ENOEXEC', 'EDQUOT'] as const

type Program = NonNullable<TestHostOptions['programs']>[string]

const mutatedProgram = (program: Program, chance: Chance, others: readonly [string, ...string[]]): Program => {
  if ('errno' in program) return chance.below(2) === 0 ? { stdout: chance.pick(others) } : program
  const { stdout = '', stderr = '' } = program
  switch (chance.below(8)) {
    case 0:
      return { errno: chance.pick(ERRNOS) }
    case 1:
      return { ...program, exitCode: chance.pick([0, 1, 2, 3, 127, 255, null]) }
    case 2:
      return { ...program, stdout: stderr, stderr: stdout }
    case 3:
      return { ...program, stderr: mutatedText(stderr, chance, others) }
    default:
      return { ...program, stdout: mutatedText(stdout, chance, others) }
  }
}

/** A host with some of its files and answers spoilt; the same for the same chance. */
export const mutatedHost = (
  host: TestHostOptions,
  chance: Chance,
  others: readonly [string, ...string[]],
): TestHostOptions => {
  const files = { ...host.files }
  const programs = { ...host.programs }
  for (let count = 1 + chance.below(MUTATIONS_MAX); count > 0; count -= 1) {
    const paths = Object.keys(files)
    const commands = Object.keys(programs)
    const which = chance.below(paths.length + commands.length)
    const path = paths[which]
    const command = commands[which - paths.length]
    if (path !== undefined) {
      const content = files[path] ?? ''
      const kind = chance.below(12)
      if (kind === 0) files[path] = { errno: chance.pick(ERRNOS) }
      else if (kind === 1) delete files[path]
      else if (kind === 2)
        files[sibling(path, mutatedText(path.slice(path.lastIndexOf('/') + 1), chance, others))] = content
      else if (typeof content === 'string') files[path] = mutatedText(content, chance, others)
    } else if (command !== undefined) {
      programs[command] = mutatedProgram(programs[command] ?? {}, chance, others)
    }
  }
  return { ...host, files, programs }
}

/** A file beside another, by a name that a file system would take. */
const sibling = (path: string, name: string): string =>
  path.slice(0, path.lastIndexOf('/') + 1) + (name.replaceAll(/[/\0]/g, '_').slice(0, 255) || '_')

/** What a text is filled up with, to ten megabytes, in ways that make slow readers slow. */
const FILLINGS: readonly [(text: string) => string, ...((text: string) => string)[]] = [
  (text) => `${text}\n`,
  (text) => text.split('\n', 1)[0] || 'x',
  () => ' ',
  () => '\n',
  () => 'CVE-2026-',
  () => '[',
  () => '- a: "',
]

export const HUGE_KINDS = FILLINGS.length

/** Ten megabytes that begin with this text; `kind` from 0 to below HUGE_KINDS. */
export const hugeText = (text: string, kind: number): string => {
  const part = (FILLINGS[kind] ?? FILLINGS[0])(text)
  return text + part.repeat(Math.ceil(HUGE_CHARACTERS / part.length))
}
