import type { Elf } from './elf.ts'
import { NoLivepatch, refused } from './module-file.ts'

/** What a livepatch module says of itself in its section .modinfo (include/linux/moduleparam.h, MODULE_INFO). */
export interface ModuleInfo {
  readonly name: string
  readonly vermagic: string
  readonly version: string | null
  readonly srcversion: string | null
  readonly depends: string[]
  readonly description: string | null
  readonly licence: string | null
  readonly author: string | null
  readonly cves: string[]
}

const MODINFO_BYTES_MAX = 256 * 1024
const SHT_NOBITS = 8
/** MODULE_NAME_LEN (include/linux/module.h) without the zero at the end; kbuild writes `_` for what is no letter. */
const MODULE_NAME = /^[A-Za-z0-9_]{1,55}$/
/** What the kernel and its tools go by; it takes the first of two, other tools the last (kernel/module/main.c, get_next_modinfo). */
const ONCE = new Set(['livepatch', 'name', 'vermagic', 'version', 'srcversion', 'depends'])
/** Texts about something else than what the module mends. */
const WITHOUT_CVES = /^(alias|author|depends|file|firmware|name|parm|parmtype|vermagic)$/
const CVE = /(?<![A-Za-z0-9])CVE-\d{4}-\d{4,19}(?!\d)/gi
const CVES_MAX = 1000

/** @throws DomainError `artefact_refused` */
export const readModinfo = (elf: Elf): ModuleInfo => {
  const [section, ...more] = elf.named('.modinfo')
  if (section === undefined || more.length > 0 || section.type === SHT_NOBITS) {
    throw refused('This is no kernel module: it needs exactly one section .modinfo.')
  }
  if (section.size > MODINFO_BYTES_MAX) throw refused('Its section .modinfo is larger than any module’s.')
  const content = elf.content(section, 'section .modinfo')
  // The kernel reads each entry to its zero, beyond the section's end if need be.
  if (content.at(-1) !== 0) throw refused('The file is cut or damaged: the last line of its .modinfo has no end.')
  return infoOf(entriesOf(content))
}

const entriesOf = (content: Buffer): Map<string, string[]> => {
  const entries = new Map<string, string[]>()
  for (const entry of content.toString('utf8').split('\0')) {
    const cut = entry.indexOf('=')
    if (cut < 0) continue
    const key = entry.slice(0, cut)
    const values = entries.get(key)
    if (values === undefined) entries.set(key, [entry.slice(cut + 1)])
    else if (ONCE.has(key)) throw refused(`Its .modinfo says ${key} twice.`)
    else values.push(entry.slice(cut + 1))
  }
  return entries
}

const infoOf = (entries: ReadonlyMap<string, readonly string[]>): ModuleInfo => {
  const plain = (key: string, charactersMax: number): string | null => {
    const value = entries.get(key)?.[0]
    if (value === undefined || value === '') return null
    if (value.length > charactersMax || !/^[\x20-\x7e]+$/.test(value)) throw refused(`Its ${key} is no plain text.`)
    return value
  }
  /** Only shown: kept as it came, cut where it is too long, but not through a character that is written as two. */
  const shown = (key: string, charactersMax: number): string | null => {
    const text = (entries.get(key) ?? []).join(', ').slice(0, charactersMax)
    return text.replace(/[\ud800-\udbff]$/, '') || null
  }
  // kernel/module/main.c, check_modinfo_livepatch: the key alone makes it one.
  if (!entries.has('livepatch')) throw new NoLivepatch('This module does not bear the mark of a livepatch.')
  const name = plain('name', 55)
  const vermagic = plain('vermagic', 256)
  if (name === null || !MODULE_NAME.test(name)) throw refused('Its name is none that a module can have.')
  if (vermagic === null) throw refused('It does not say for which kernel it was built (vermagic).')
  const depends = (plain('depends', 1024) ?? '').split(',').filter((word) => word !== '')
  if (!depends.every((word) => MODULE_NAME.test(word))) throw refused('It depends on what is no module’s name.')
  return {
    ...{ name, vermagic, depends },
    version: plain('version', 128),
    srcversion: plain('srcversion', 64),
    description: shown('description', 1000),
    licence: shown('license', 128),
    author: shown('author', 256),
    cves: cvesOf(entries),
  }
}

const cvesOf = (entries: ReadonlyMap<string, readonly string[]>): string[] => {
  const found = new Set<string>()
  for (const [key, values] of entries) {
    if (WITHOUT_CVES.test(key)) continue
    for (const value of values) for (const [cve] of value.matchAll(CVE)) found.add(cve.toUpperCase())
  }
  return Array.from(found).sort().slice(0, CVES_MAX)
}
