import type { KernelFs } from './kernel-fs.ts'

/** A large kernel has some 250,000 symbols of 45 bytes. */
const KALLSYMS_BYTES_MAX = 64 * 1024 * 1024

/** Names of one module's symbols from /proc/kallsyms, `ADDRESS TYPE NAME\t[MODULE]`; null: could not be read. */
export const readModuleSymbols = async (fs: KernelFs, module: string): Promise<Set<string> | null> => {
  const text = await fs.read('/proc/kallsyms', KALLSYMS_BYTES_MAX)
  return text.ok ? parseModuleSymbols(text.value, module) : null
}

/** arm64 lists mapping symbols (`$x`, `$d`) as well: those name nothing. */
export const parseModuleSymbols = (text: string, module: string): Set<string> => {
  const names = new Set<string>()
  const ending = `\t[${module}]`
  for (let end = text.indexOf(ending); end !== -1; end = text.indexOf(ending, end + 1)) {
    const start = text.lastIndexOf('\n', end) + 1
    const name = text.slice(start, end).split(' ')[2]
    if (name && !name.startsWith('$')) names.add(name)
  }
  return names
}

/** How patch makers call their versions: `FUNC`, `klpp_FUNC` (SUSE), `livepatch_FUNC` (kernel samples) … */
const PREFIXES = ['', 'livepatch_', 'klpp_', 'klp_', 'lp_', 'kpatch_', 'patched_', 'new_']

/** Whether a module's symbols show that it brings its own version of a function; without one, nothing is known. */
export const hasReplacement = (symbols: ReadonlySet<string>, functionName: string): boolean =>
  PREFIXES.some((prefix) => symbols.has(prefix + functionName))
