import type { CaptureSnap } from './capture.ts'
import { FileTree } from './tree-fs.ts'

type Text = string | { errno: string }

/** What identifies the machine, which a snap does not hold. */
export interface RecordedIdentity {
  release: string
  hostName: string
  bootId: string
  uptimeSeconds: number
}

/** A snap as the files that it was read from. */
export const filesOfSnap = (snap: CaptureSnap, identity: RecordedIdentity): FileTree => {
  const tree = new FileTree()
  tree.add('/proc/sys/kernel/osrelease', `${identity.release}\n`)
  tree.add('/proc/sys/kernel/hostname', `${identity.hostName}\n`)
  tree.add('/proc/sys/kernel/random/boot_id', `${identity.bootId}\n`)
  tree.add('/proc/uptime', `${identity.uptimeSeconds.toFixed(2)} 0.00\n`)
  tree.add('/proc/sys/kernel/tainted', snap.tainted)
  tree.add('/sys/kernel/tracing/enabled_functions', snap.enabled_functions)
  if (snap.touched_functions) tree.add('/sys/kernel/tracing/touched_functions', snap.touched_functions)
  addLivepatches(tree, snap)
  addModules(tree, snap)
  addTasks(tree, snap)
  return tree
}

const addLivepatches = (tree: FileTree, { livepatch }: CaptureSnap): void => {
  const root = '/sys/kernel/livepatch'
  const refusal = livepatch.errno
  if (typeof refusal === 'string') {
    tree.refuse(root, refusal)
    return
  }
  tree.addDirectory(root)
  for (const [path, entry] of Object.entries(livepatch)) {
    if (typeof entry === 'string') continue
    if (path.endsWith('/')) tree.addDirectory(`${root}/${path.slice(0, -1)}`)
    else tree.add(`${root}/${path}`, entry.content ?? { errno: entry.errno ?? 'EIO' })
  }
}

const addModules = (tree: FileTree, { proc_modules, sys_module }: CaptureSnap): void => {
  tree.add(
    '/proc/modules',
    Array.isArray(proc_modules) ? proc_modules.map((line) => `${line}\n`).join('') : proc_modules,
  )
  for (const [module, attributes] of Object.entries(sys_module)) {
    if (typeof attributes.errno === 'string') continue
    for (const [name, content] of Object.entries(attributes)) {
      if (content !== null) tree.add(`/sys/module/${module}/${name}`, content)
    }
  }
}

/** Of most tasks a snap has only name, state and patch_state; of those in the way, everything. */
const addTasks = (tree: FileTree, { tasks, blocked }: CaptureSnap): void => {
  tree.addDirectory('/proc')
  if (!Array.isArray(tasks)) return
  for (const [pid, tid, state, patchState, comm] of tasks) {
    const path = `/proc/${pid}/task/${tid}`
    const value: Text = typeof patchState === 'number' ? `${patchState}\n` : { errno: patchState }
    tree.add(`${path}/patch_state`, value)
    tree.add(`${path}/comm`, `${comm}\n`)
    tree.add(`${path}/stat`, `${tid} (${comm}) ${state} 0 0 0 0 -1 0\n`)
    if (pid === tid) tree.add(`/proc/${pid}/patch_state`, value)
    if (typeof patchState === 'string') tree.add(`${path}/stack`, { errno: patchState })
    if (typeof patchState === 'string' && pid === tid) tree.add(`/proc/${pid}/stack`, { errno: patchState })
  }
  for (const { pid, tid, patch_state: _patchState, ...files } of blocked) {
    for (const [name, content] of Object.entries(files)) tree.add(`/proc/${pid}/task/${tid}/${name}`, content)
  }
}
