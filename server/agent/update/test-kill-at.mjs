// Preloaded by tests into a running agent: it dies by SIGKILL at one of its effects, as a host that loses its power does.
import childProcess from 'node:child_process'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import path from 'node:path'

const wanted = process.env.REBOOTLESS_TEST_KILL_AT ?? ''
const die = (effect) => {
  if (effect !== wanted) return
  process.kill(process.pid, 'SIGKILL')
  // The signal is on its way; nothing more is to happen.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

const { rename } = fs.promises
fs.promises.rename = async (from, to) => {
  die(`before ${path.basename(to)}`)
  await rename(from, to)
  die(`after ${path.basename(to)}`)
}
const { spawn } = childProcess
childProcess.spawn = (program, args, options) => {
  const child = spawn(program, args, options)
  for (const word of ['self-test', '--trial']) {
    if (!args?.includes(word)) continue
    die(`started ${word}`)
    child.once('message', () => die(`heard of ${word}`))
  }
  return child
}
syncBuiltinESMExports()
