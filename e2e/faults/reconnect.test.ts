// Goal: agents that lost their server together come back together, none is left out, and pages are served meanwhile. Method: agents' own
// links in a process beside the built program, which is killed and started again; server/bench/reconnect.ts does it with 10,000.
import { startProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { expect, test } from 'vitest'
import { startBareHosts } from './bare-hosts-under-test.ts'
import { beginFault, secondsSince, until } from './fault.ts'

/** FAULTS_AGENTS=10000 for as many as the issue asks for. */
const AGENTS = Number(process.env.FAULTS_AGENTS || 500)
const BACK_S_MAX = 90

test('reconnect', async () => {
  const { report, measured, inTheEnd, step } = beginFault(
    'reconnect',
    `all are welcomed within ${BACK_S_MAX} s of the server being ready, and no page fails meanwhile.`,
  )
  const program = await startProgramUnderTest(0, { quiet: true })
  inTheEnd(program.stop)
  const hosts = await startBareHosts(program, AGENTS)
  inTheEnd(hosts.stop)
  step('all are linked')
  await program.kill()
  const killedAt = performance.now()
  await program.restart()
  measured('killed, until ready again', 's', secondsSince(killedAt))
  const readyAt = performance.now()
  const { attempts } = await hosts.tally()
  const answersMs: number[] = []
  let failed = 0
  await until('all are welcomed', async () => {
    const askedAt = performance.now()
    await program.ask('GET', '/api/v1/hosts').then(
      async (answer) => {
        await answer.text()
        answersMs.push(performance.now() - askedAt)
      },
      () => {
        failed += 1
      },
    )
    return (await hosts.tally()).linked === AGENTS
  })
  measured('ready, until all are welcomed', 's', secondsSince(readyAt), BACK_S_MAX)
  measured('attempts of agents', '', (await hosts.tally()).attempts - attempts)
  report.row({ what: 'GET /api/v1/hosts meanwhile', unit: 'ms', values: answersMs })
  measured('of them failed', '', failed, 0)
  report.note(`${AGENTS} agents.`)
  expect(await report.end()).toBe(true)
})
