import type { Stats } from 'node:fs'
import { lstat, readlink } from 'node:fs/promises'
import { dirname, normalize } from 'node:path'

/** Why a file, folder or link is not to be trusted, in words that follow its path; undefined: it is. */
export type TrustRule = (path: string, facts: Pick<Stats, 'uid' | 'mode'>) => string | undefined

export type TrustedPath =
  /** Without links and dots. */
  { readonly ok: true; readonly path: string } | { readonly ok: false; readonly errno: string; readonly detail: string }

/** As many as the kernel follows: path_resolution(7). */
const LINKS_MAX = 40

/** The agent's own user counts besides root: whoever is that user can do all that the agent can. */
export const trustOnly =
  (userId: number): TrustRule =>
  (_path, { uid, mode }) => {
    if (uid !== 0 && uid !== userId) return `belongs to user ${uid}, not to root`
    // Of a file with an access control list the group's bits are the mask over all its entries: acl(5).
    return (mode & 0o022) === 0 ? undefined : 'can be written by others than its owner'
  }

/**
 * Follows a path as the kernel would and looks at everything on the way, links and the folders that hold them included:
 * whoever can change one of them chooses what is run. A sticky bit does not count, since in such a folder anybody can
 * put a file where there is none. Never rejects.
 */
export const resolveTrusted = async (program: string, rule: TrustRule): Promise<TrustedPath> => {
  if (!program.startsWith('/') || program.includes('\0') || normalize(program) !== program || program.endsWith('/')) {
    return refused('EINVAL', `${program}: not an absolute path without dots`)
  }
  const ahead = program.slice(1).split('/')
  let path = '/'
  let links = 0
  try {
    const root = rule(path, await lstat(path))
    if (root !== undefined) return refused('EPERM', `${path} ${root}, so ${program} is not run`)
    for (let name = ahead.shift(); name !== undefined; name = ahead.shift()) {
      if (name === '' || name === '.') continue
      if (name === '..') {
        path = dirname(path)
        continue
      }
      const next = path === '/' ? `/${name}` : `${path}/${name}`
      const facts = await lstat(next)
      const isLink = facts.isSymbolicLink()
      // A link's own mode bits mean nothing; who may replace it is told by its folder, which has been looked at.
      const reason = rule(next, isLink ? { uid: facts.uid, mode: 0 } : facts)
      if (reason !== undefined) return refused('EPERM', `${next} ${reason}, so ${program} is not run`)
      if (!isLink) {
        if (ahead.length === 0 && !facts.isFile()) return refused('EACCES', `${program} is not a regular file`)
        path = next
        continue
      }
      links += 1
      if (links > LINKS_MAX) return refused('ELOOP', `${program}: too many links`)
      const target = await readlink(next)
      if (target.startsWith('/')) path = '/'
      ahead.unshift(...target.split('/'))
    }
    return { ok: true, path }
  } catch (error) {
    const errno = error instanceof Error && 'code' in error ? String(error.code) : 'EIO'
    return refused(errno, `${program}: ${errno === 'ENOENT' ? 'not there' : errno}`)
  }
}

const refused = (errno: string, detail: string): TrustedPath => ({ ok: false, errno, detail })
