/**
 * Carries out in the guest what the host asks for: JSON lines over a virtio port, `{id, command, ...}` there and
 * `{id, answer}` or `{id, error}` back. The commands are typed in lab/control.ts.
 */
import { spawn } from 'node:child_process'
import { mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises'
import { release } from 'node:os'

const OUTPUT_BYTES_MAX = 1024 * 1024

/** Without udev nothing links the port's name, so look where the kernel tells it. */
async function controlPort() {
  for (const port of await readdir('/sys/class/virtio-ports')) {
    const name = await readFile(`/sys/class/virtio-ports/${port}/name`, 'utf8').catch(() => '')
    if (name.trim() === 'rebootless.lab') return `/dev/${port}`
  }
  throw new Error('the control port is missing')
}

/** Background processes by pid: what they printed, and how they end. */
const background = new Map()

function watch(child) {
  const output = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr']) {
    child[stream].setEncoding('utf8')
    child[stream].on('data', (text) => {
      output[stream] = (output[stream] + text).slice(-OUTPUT_BYTES_MAX)
    })
  }
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, ...output }))
  })
  // A failed start is told to whoever waits; nobody may.
  ended.catch(() => {})
  return { output, ended }
}

const commands = {
  async exec({ argv, timeoutMs }) {
    const child = spawn(argv[0], argv.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs })
    return await watch(child).ended
  },
  async spawn({ argv, unit }) {
    let line = argv
    if (unit !== undefined) {
      // The shell enters the group and then becomes the program, so that no child of it is ever outside.
      const group = `/sys/fs/cgroup/system.slice/${unit}.service`
      await mkdir(group, { recursive: true })
      line = ['/bin/sh', '-c', 'echo $$ >"$0/cgroup.procs" && exec "$@"', group, ...argv]
    }
    const child = spawn(line[0], line.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    const watched = watch(child)
    if (child.pid === undefined) await watched.ended
    background.set(child.pid, watched)
    return child.pid
  },
  async wait({ pid }) {
    return await background.get(pid).ended
  },
  async output({ pid }) {
    return background.get(pid).output
  },
  async kill({ pid, signal }) {
    process.kill(pid, signal)
  },
  async read({ path }) {
    return await readFile(path, 'utf8')
  },
  async write({ path, text, base64 }) {
    await writeFile(path, base64 === undefined ? text : Buffer.from(base64, 'base64'))
  },
}

const port = await open(await controlPort(), 'r+')

let sending = Promise.resolve()
function send(message) {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`)
  sending = sending.then(async () => {
    for (let sent = 0; sent < bytes.length; ) sent += (await port.write(bytes, sent)).bytesWritten
  })
}

async function obey({ id, command, ...details }) {
  try {
    send({ id, answer: (await commands[command](details)) ?? null })
  } catch (cause) {
    send({ id, error: { message: cause.message, code: cause.code } })
  }
}

send({ ready: { release: release() } })
const buffer = Buffer.alloc(64 * 1024)
let text = ''
for (;;) {
  const { bytesRead } = await port.read(buffer, 0, buffer.length)
  // The host has gone: a machine that nobody asks must not burn a processor until somebody notices.
  if (bytesRead === 0) break
  text += buffer.toString('latin1', 0, bytesRead)
  const lines = text.split('\n')
  text = lines.pop() ?? ''
  for (const line of lines) {
    const request = JSON.parse(Buffer.from(line, 'latin1').toString('utf8'))
    if (request.command === 'powerOff') process.exit(0)
    void obey(request)
  }
}
process.exit(0)
