import type { DirectoryEntry, HeldFile, KernelFs, Result } from '../../agent/kernel/kernel-fs.ts'
import type { HostPrograms, ProgramResult } from '../../agent/programs/programs.ts'
import type { HostFiles, ToolHost } from './stand-in.ts'
import { standInsOf } from './stand-in-of.ts'

/** The kernel's own trees; of /proc, only what KernelCare adds to it is not. */
const OF_KERNEL = /^\/(?:sys|proc(?!\/kcare))(?:\/|$)/

/** The kernel's files, with those of its user space among them; each is made when it is asked for. */
export const withUserSpace = (fs: KernelFs, host: ToolHost): KernelFs => {
  const stands = standInsOf(host)
  const files = (path: string): HostFiles | null =>
    OF_KERNEL.test(path) ? null : Object.assign({}, ...stands.map((one) => one.files(host)))
  return {
    ...fs,
    async read(path, bytesMax) {
      const own = files(path)
      const text = textOf(own?.[path])
      if (text.ok) return { ok: true, value: text.value.slice(0, bytesMax) }
      const result = await fs.read(path, bytesMax)
      const isDirectory = !result.ok && result.errno === 'ENOENT' && own !== null && entriesOf(own, path).length > 0
      return isDirectory ? { ok: false, errno: 'EISDIR' } : result
    },
    async list(path) {
      const own = files(path)
      const ofKernel = await fs.list(path)
      if (own?.[path] !== undefined) return { ok: false, errno: 'ENOTDIR' }
      const added = own === null ? [] : entriesOf(own, path)
      if (added.length === 0) return ofKernel
      const names = new Set(added.map(({ name }) => name))
      const others = ofKernel.ok ? ofKernel.value.filter(({ name }) => !names.has(name)) : []
      return { ok: true, value: [...others, ...added] }
    },
    async hold(path) {
      if (files(path)?.[path] === undefined) return fs.hold(path)
      const file: HeldFile = {
        read: async () => textOf(files(path)?.[path]),
        close: async () => undefined,
      }
      return { ok: true, value: file }
    },
  }
}

const textOf = (text: HostFiles[string] | undefined): Result<string> =>
  text === undefined ? { ok: false, errno: 'ENOENT' } : { ok: true, value: typeof text === 'string' ? text : text() }

/** What lies right below a directory, told by the paths of files. */
const entriesOf = (files: HostFiles, path: string): DirectoryEntry[] => {
  const start = path.endsWith('/') ? path : `${path}/`
  const found = new Map<string, boolean>()
  for (const file of Object.keys(files)) {
    if (!file.startsWith(start)) continue
    const [name = '', ...below] = file.slice(start.length).split('/')
    if (name !== '') found.set(name, below.length > 0)
  }
  return [...found].map(([name, directory]) => ({ name, directory }))
}

/** Programs of the host's user space. `sleep` waits as long as a program does that does not end by itself. */
export const userSpacePrograms = (host: ToolHost, sleep: (milliseconds: number) => Promise<void>): HostPrograms => {
  const programs = Object.assign({}, ...standInsOf(host).map((one) => one.programs)) as ReturnType<
    typeof standInsOf
  >[number]['programs']
  return {
    async run(program, args, { timeMs, bytesMax }): Promise<ProgramResult> {
      const answer = Object.hasOwn(programs, program) ? programs[program]?.(args, host) : undefined
      const nothing = { ok: false, stdout: '', stderr: '' } as const
      if (answer === undefined) return { ...nothing, errno: 'ENOENT', detail: `${program} is not there` }
      if (answer === 'time_out') {
        await sleep(timeMs)
        return { ...nothing, errno: 'ETIMEDOUT', detail: `${program} took longer than ${timeMs / 1_000} s.` }
      }
      const { stdout = '', stderr = '', exitCode = 0 } = answer
      const truncated = stdout.length > bytesMax || stderr.length > bytesMax
      return { ok: true, exitCode, stdout: stdout.slice(0, bytesMax), stderr: stderr.slice(0, bytesMax), truncated }
    },
  }
}
