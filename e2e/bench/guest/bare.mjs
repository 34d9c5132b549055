/**
 * What stands beside the agent in its guest, in one of three kinds:
 * `idle MS` wakes so often and does nothing; `rest MS` reads what an agent at rest reads, each file once, and nothing else;
 * `poll MS` holds patch_state of every task and reads each of them once at every turn. `work` does the same work wherever it runs,
 * and prints how much processor time that took: what the emulator makes of a program.
 */
import { closeSync, constants, openSync, readdirSync, readFileSync, readSync } from 'node:fs'

const [kind, milliseconds] = process.argv.slice(2)
const every = (turn) => setInterval(turn, Number(milliseconds))
const buffer = Buffer.alloc(16 * 1024)
/** The agent looks at sysfs and at its own settings each five seconds, at the kernel's log at each turn. */
const LOOK_EVERY_MS = 5_000

const KINDS = {
  idle: () => every(() => {}),

  rest() {
    const log = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK)
    every(() => {
      try {
        for (;;) readSync(log, buffer, 0, buffer.length, null)
      } catch {
        // EAGAIN: all of it has been read
      }
    })
    setInterval(() => {
      readFileSync('/proc/sys/kernel/random/boot_id')
      readFileSync('/proc/modules')
      readdirSync('/sys/kernel/livepatch')
    }, LOOK_EVERY_MS)
  },

  poll() {
    const held = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => readdirSync(`/proc/${pid}/task`).map((tid) => `/proc/${pid}/task/${tid}/patch_state`))
      .map((file) => openSync(file, constants.O_RDONLY))
    console.log(held.length)
    every(() => {
      for (const file of held) readSync(file, buffer, 0, buffer.length, 0)
    })
  },

  work() {
    const turn = () => {
      const texts = []
      for (let n = 0; n < 300; n += 1) {
        const file = openSync('/proc/self/stat', constants.O_RDONLY)
        texts.push(buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, 0)).split(' '))
        closeSync(file)
      }
      return JSON.stringify(JSON.parse(JSON.stringify(texts))).length
    }
    for (let n = 0; n < 20; n += 1) turn()
    const before = process.cpuUsage()
    for (let n = 0; n < 40; n += 1) turn()
    const { user, system } = process.cpuUsage(before)
    console.log((user + system) / 1_000)
  },
}
KINDS[kind]()
