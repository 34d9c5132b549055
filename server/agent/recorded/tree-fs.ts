import type { DirectoryEntry, HeldFile, KernelFs, Result } from '../kernel/kernel-fs.ts'

/** Files of a kernel that is not running, by absolute path: their text, or the errno of reading them. */
export class FileTree {
  readonly #files = new Map<string, Result<string>>()
  readonly #directories = new Map<string, Map<string, boolean> | string>()

  add(path: string, content: string | { errno: string }): void {
    this.#files.set(path, typeof content === 'string' ? { ok: true, value: content } : { ok: false, ...content })
    this.#link(path, false)
  }

  addDirectory(path: string): void {
    if (!this.#directories.has(path)) this.#directories.set(path, new Map())
    if (path !== '/') this.#link(path, true)
  }

  /** A directory that cannot be listed. */
  refuse(path: string, errno: string): void {
    this.addDirectory(path)
    this.#directories.set(path, errno)
  }

  read(path: string): Result<string> {
    const errno = this.#directories.has(path) ? 'EISDIR' : 'ENOENT'
    return this.#files.get(path) ?? { ok: false, errno }
  }

  list(path: string): Result<readonly DirectoryEntry[]> {
    const entries = this.#directories.get(path)
    if (typeof entries === 'string') return { ok: false, errno: entries }
    if (entries === undefined) return { ok: false, errno: this.#files.has(path) ? 'ENOTDIR' : 'ENOENT' }
    return { ok: true, value: [...entries].map(([name, directory]) => ({ name, directory })) }
  }

  #link(path: string, directory: boolean): void {
    const cut = path.lastIndexOf('/')
    const parent = path.slice(0, cut) || '/'
    this.addDirectory(parent)
    const entries = this.#directories.get(parent)
    if (typeof entries === 'object') entries.set(path.slice(cut + 1), directory)
  }
}

/** KernelFs over a tree that may be another one at each call. It cannot be written. */
export const treeFs = (tree: () => FileTree, followKernelLog: KernelFs['followKernelLog']): KernelFs => ({
  read: async (path, bytesMax) => {
    const result = tree().read(path)
    return result.ok && bytesMax !== undefined ? { ok: true, value: result.value.slice(0, bytesMax) } : result
  },
  list: async (path) => tree().list(path),
  async hold(path) {
    const first = tree().read(path)
    if (!first.ok) return first
    const file: HeldFile = {
      async read() {
        const result = tree().read(path)
        return !result.ok && result.errno === 'ENOENT' ? { ok: false, errno: 'ESRCH' } : result
      },
      close: async () => undefined,
    }
    return { ok: true, value: file }
  },
  write: async () => ({ ok: false, errno: 'EROFS' }),
  followKernelLog,
})
