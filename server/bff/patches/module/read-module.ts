import { ModuleFacts } from '@rebootless/shared/contract/module-facts.ts'
import { type Elf, readElf } from './elf.ts'
import { type Image, readImage, Unread } from './image.ts'
import { KLP_BUILD_OBJECTS, readKlpBuildTables } from './klp-build-tables.ts'
import { readKlpPatch } from './klp-patch.ts'
import { readKpatchTables } from './kpatch-tables.ts'
import { readModinfo } from './modinfo.ts'
import { type ModuleFile, refused } from './module-file.ts'
import { readBuildId } from './notes.ts'
import { readSignature } from './signature.ts'
import { livepatchSymbolObjects } from './symbols.ts'

type TableFacts = Pick<ModuleFacts, 'maker' | 'objects' | 'unread' | 'replace' | 'states'>

const SHADOW_FUNCTIONS_MAX = 20

/**
 * What a livepatch module says of itself. Every number in the file is a stranger's word, held against the file's size
 * before it is used (T14).
 * @throws DomainError `artefact_refused`, with a sentence that says what to do
 */
export const readModule = (file: ModuleFile): ModuleFacts => {
  const elf = readElf(file)
  const info = readModinfo(elf)
  const image = readImage(elf)
  const facts = ModuleFacts.safeParse({
    ...info,
    release: info.vermagic.split(' ')[0] ?? '',
    architecture: elf.architecture,
    buildId: readBuildId(elf),
    ...tablesOf(image, info.vermagic),
    shadowVariables: shadowFunctions(image),
    modversions: hasVersions(elf),
    signature: readSignature(file),
  })
  if (facts.success) return facts.data
  const [issue] = facts.error.issues
  throw refused(`Its ${issue?.path.join(' ') ?? 'content'} is none that a livepatch can have.`)
}

const tablesOf = (image: Image, release: string): TableFacts => {
  const [maker, read] = makerOf(image, release)
  try {
    return { maker, ...read(), unread: null }
  } catch (error) {
    if (!(error instanceof Unread)) throw error
    // A hand-written one is known by nothing but its tables.
    return {
      ...{ objects: null, replace: null, states: null, unread: unreadOf(image, error) },
      maker: maker === 'source' ? 'unknown' : maker,
    }
  }
}

/** Even where no table can be read, the symbols that livepatch is to resolve tell whose code it goes with. */
const unreadOf = ({ symbols }: Image, { message }: Unread): string => {
  const objects = livepatchSymbolObjects(symbols)
  return objects.length === 0 ? message : `${message} It uses symbols of ${objects.join(', ')}.`.slice(0, 300)
}

const makerOf = (image: Image, release: string) => {
  if (image.elf.hasPrefix('.kpatch.')) return ['kpatch', () => readKpatchTables(image)] as const
  if (image.elf.hasPrefix(KLP_BUILD_OBJECTS)) return ['klp-build', () => readKlpBuildTables(image)] as const
  return ['source', () => readKlpPatch(image, release)] as const
}

/** The API of Documentation/livepatch/shadow-vars.rst, as far as it calls it. */
const shadowFunctions = ({ symbols }: Image): string[] => {
  const names = new Set<string>()
  for (const symbol of symbols.all) {
    if (symbol.defined) continue
    const name = symbols.nameOf(symbol)
    if (name?.startsWith('klp_shadow_')) names.add(name)
  }
  return Array.from(names).sort().slice(0, SHADOW_FUNCTIONS_MAX)
}

/** `__versions`, and `__version_ext_crcs` since Linux 6.14 (kernel/module/version.c). */
const hasVersions = (elf: Elf): boolean =>
  ['__versions', '__version_ext_crcs'].some((name) => elf.named(name).some(({ size }) => size > 0))
