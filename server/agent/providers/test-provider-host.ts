import type { Result } from '../kernel/kernel-fs.ts'
import type { ProgramResult } from '../programs/programs.ts'
import type { ProviderHost } from './provider.ts'

export interface TestProviderHost extends ProviderHost {
  /** Paths read and command lines run, in order; with what was kept of them. */
  readonly asked: { readonly path: string; readonly kept: string | null }[]
}

export interface TestHostOptions extends Partial<Pick<ProviderHost, 'livepatches' | 'modules'>> {
  /** Text of each file by its path; a directory is there when a file lies in it. `{ errno }`: it is refused. */
  readonly files?: Readonly<Record<string, string | { readonly errno: string }>>
  /** What each command line prints, and exits with; a command line that is not listed is not there (ENOENT). */
  readonly programs?: Readonly<
    Record<string, Partial<Extract<ProgramResult, { ok: true }>> | { readonly errno: string }>
  >
  readonly kernel?: Partial<ProviderHost['kernel']>
  readonly operatingSystem?: Partial<ProviderHost['operatingSystem']>
  readonly now?: number
}

/** A host made of texts, for the tests of providers. */
export const testProviderHost = (options: TestHostOptions = {}): TestProviderHost => {
  const files = options.files ?? {}
  const asked: TestProviderHost['asked'][number][] = []
  const below = (path: string) =>
    Object.keys(files).flatMap((file) => (file.startsWith(`${path}/`) ? [file.slice(path.length + 1)] : []))
  const refused = (errno: string): Result<never> => ({ ok: false, errno })
  return {
    asked,
    kernel: { release: '6.12.1', version: '#1 SMP', architecture: 'x86_64', bootId: 'boot-1', ...options.kernel },
    operatingSystem: { id: null, name: null, versionId: null, ...options.operatingSystem },
    livepatches: options.livepatches === undefined ? [] : options.livepatches,
    modules: options.modules === undefined ? [] : options.modules,
    now: () => options.now ?? Date.parse('2026-11-26T09:00:00Z'),
    async readText(path, { redact = (text: string) => text, bytesMax = 256 * 1024 } = {}) {
      const found = files[path]
      const result =
        found === undefined
          ? refused(below(path).length > 0 ? 'EISDIR' : 'ENOENT')
          : typeof found === 'string'
            ? { ok: true as const, value: redact(found.slice(0, bytesMax)) }
            : refused(found.errno)
      asked.push({ path, kept: result.ok ? result.value : null })
      return result
    },
    async list(path) {
      const inside = below(path)
      if (inside.length === 0) return refused(path in files ? 'ENOTDIR' : 'ENOENT')
      const names = [...new Set(inside.map((file) => file.split('/')[0] ?? ''))].sort()
      return { ok: true, value: names.map((name) => ({ name, directory: below(`${path}/${name}`).length > 0 })) }
    },
    exists: async (path) => path in files || below(path).length > 0,
    async run(program, args, { redact = (text: string) => text } = {}) {
      const commandLine = [program, ...args].join(' ')
      const found = options.programs?.[commandLine] ?? { errno: 'ENOENT' }
      const result: ProgramResult =
        'errno' in found
          ? { ok: false, errno: found.errno, detail: `${program}: ${found.errno}`, stdout: '', stderr: '' }
          : {
              ...{ ok: true, exitCode: 0, truncated: false, ...found },
              stdout: redact(found.stdout ?? ''),
              stderr: redact(found.stderr ?? ''),
            }
      asked.push({ path: commandLine, kept: result.stdout + result.stderr })
      return result
    },
  }
}
