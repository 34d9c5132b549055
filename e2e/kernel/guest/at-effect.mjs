/**
 * Loaded before the agent (node --import): tells each effect that a command has on a disk or the kernel before it comes
 * about, from the record of its taking on, and stops there at the one of a number or a name: `die` as by kill -9, `hold` for
 * ever, so that a test can pull the plug. AT_EFFECT=die:3, or hold:insmod; without it, it only tells. The agent itself
 * knows nothing of it.
 */
import { ChildProcess } from 'node:child_process'
import files from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

const [how, at] = (process.env.AT_EFFECT ?? '').split(':')
let count = 0

/** Calls `go` unless this is where it ends. */
function effect(name, go) {
  count += 1
  process.stderr.write(`effect ${count}: ${name}\n`)
  if (count !== Number(at) && name !== at) return go()
  if (how === 'die') process.kill(process.pid, 'SIGKILL')
  return new Promise(() => {})
}

/** What a write would be, in a word; undefined: none of a command's. */
function named(path, content) {
  if (path.startsWith('/sys/kernel/livepatch/')) return `write ${path.split('/').at(-1)}`
  if (path.includes('/inserting/')) return 'copy of the module'
  if (path.includes('/artefacts/')) return 'kept module'
  if (!path.includes('/commands.journal')) return undefined
  // A journal that is written anew has its state in front, and the newest record in that.
  const { kind, effect: step } = JSON.parse(String(content).trim().split('\n').at(-1))
  if (kind === 'taken' || (kind === 'state' && count === 0)) return 'record of the taking'
  return count === 0 ? undefined : `record ${step?.step ?? kind}`
}

const { open } = files
files.open = async (path, ...options) => {
  const file = await open(path, ...options)
  for (const verb of ['write', 'writeFile']) {
    const write = file[verb].bind(file)
    file[verb] = (content, ...more) => {
      const name = named(String(path), content)
      return name === undefined ? write(content, ...more) : effect(name, () => write(content, ...more))
    }
  }
  return file
}
syncBuiltinESMExports()

const { spawn } = ChildProcess.prototype
ChildProcess.prototype.spawn = function (options) {
  const name = options.args[0]?.split('/').at(-1)
  if (count === 0 || (name !== 'insmod' && name !== 'rmmod')) return spawn.call(this, options)
  let code
  const kept = effect(name, () => {
    code = spawn.call(this, options)
  })
  // A held program is one that never starts; nothing else of the agent may go on meanwhile.
  if (kept !== undefined) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  return code
}
