// Goal: a backend that outgrows its memory ends at once, and with it nothing that was acknowledged; started again, it serves, with agents
// and pages as before. Method: the built program under Node's own limit of its heap, made to outgrow it while it is written to.
import { setTimeout as sleep } from 'node:timers/promises'
import { startProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { expect, test } from 'vitest'
import { beginFault, secondsSince, until } from './fault.ts'
import { underLoad } from './under-load.ts'
import { measureWhatIsKept } from './what-is-kept.ts'

const HEAP_MB = 160
const HOSTS = 30
const DEATHS = 2
const BACK_S_MAX = 90

/**
 * No load that a test can make fills the heap: bodies, streams, frames and queues have limits. So something that has none is put beside
 * the program: told by a signal, it keeps what it makes.
 */
const LEAK = `data:text/javascript,${encodeURIComponent(`
if (process.argv[1]?.endsWith('server.mjs')) {
  process.on('SIGUSR2', () => {
    const kept = []
    setInterval(() => { for (let i = 0; i < 20_000; i += 1) kept.push({ text: 'x'.repeat(50) + i }) }, 1)
  })
}`)}`

test('out-of-memory', async () => {
  const fault = beginFault(
    'out-of-memory',
    `it ends rather than lingers, so that whoever runs it starts it again; nothing acknowledged is lost, and all agents are back within ` +
      `${BACK_S_MAX} s.`,
  )
  const { random, report, measured, inTheEnd, step } = fault
  const environment = { NODE_OPTIONS: `--max-old-space-size=${HEAP_MB} --import=${LEAK}` }
  const program = await startProgramUnderTest(0, { quiet: true, environment })
  inTheEnd(program.stop)
  const { hosts, follower, writer } = await underLoad(fault, program, HOSTS)
  const [ending, back]: [number[], number[]] = [[], []]
  for (let death = 0; death < DEATHS; death += 1) {
    await sleep(random.integer(300, 3_000))
    process.kill(program.pid, 'SIGUSR2')
    const leakedAt = performance.now()
    await until('it has ended', async () => program.ended() !== undefined)
    ending.push(secondsSince(leakedAt))
    const [endedAt, ended] = [performance.now(), Date.now()]
    await program.restart()
    await hosts.allBack(ended)
    back.push(secondsSince(endedAt))
    step(`back from death ${death + 1}`)
  }
  report.row({ what: 'from the first leaked byte to the end', unit: 's', values: ending })
  report.row({
    what: 'ended, until all agents are back',
    unit: 's',
    values: back,
    budget: { of: 'p99', atMost: BACK_S_MAX },
  })
  await measureWhatIsKept(fault, { program, writer, follower })
  measured('times that the page was told to fetch all anew', '', follower.resets(), 0)
  report.note(`${DEATHS} deaths, ${HOSTS} agents, a heap of ${HEAP_MB} MB.`)
  expect(await report.end()).toBe(true)
})
