// Goal: agents that lost their server together come back together, each in its time and none more often than its back-off lets it, no
// command is lost or comes twice, and pages are served meanwhile. Method: agents' own links in a process beside the built program, which is
// killed, stays away and is started again. `npm run bench -- reconnect` measures the same with 10,000.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startBareFleet } from '@rebootless/server/bench/bare-fleet.ts'
import { makeBareHosts } from '@rebootless/server/bench/bare-hosts.ts'
import { dialsAllowed } from '@rebootless/server/bench/dials-allowed.ts'
import { measureReturn } from '@rebootless/server/bench/fleet-return.ts'
import { startProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { expect, test } from 'vitest'
import { beginFault } from './fault.ts'

/** FAULTS_AGENTS=10000 for a whole fleet. */
const AGENTS = Number(process.env.FAULTS_AGENTS || 500)
const COMMANDS = Math.min(500, AGENTS)
/** Long enough that agents have tried in vain, and that back-off has spread them. */
const DOWN_MS = 8_000
/** The longest wait of back-off is 60 s. */
const BACK_S_MAX = 90
const ADMITTED_S_MAX = 30

test('reconnect', async () => {
  const { report, measured, inTheEnd, step } = beginFault(
    'reconnect',
    `each agent is welcomed within ${BACK_S_MAX} s of the server being ready and within ${ADMITTED_S_MAX} s of its first dial then, ` +
      'none dials before its back-off lets it, commands that waited come once, and no page fails meanwhile.',
  )
  const folder = await mkdtemp(path.join(tmpdir(), 'rebootless-faults-'))
  inTheEnd(() => rm(folder, { recursive: true, force: true }))
  const program = await startProgramUnderTest(0, { quiet: true })
  inTheEnd(program.stop)
  const identities = await makeBareHosts(program, AGENTS)
  const agents = await startBareFleet(folder, identities)
  inTheEnd(agents.kill)
  step('all have certificates')
  const { links, page, commands, ...came } = await measureReturn({
    ...{ program, agents, hostIds: identities.map(({ hostId }) => hostId), signal: new AbortController().signal },
    ...{ commands: COMMANDS, commandsAfterMs: DOWN_MS, downMs: DOWN_MS },
  })
  step('all are back')
  const most = (values: readonly number[]) => Math.max(...values)
  const seconds = (of: (link: (typeof links)[number]) => number) => links.map((link) => of(link) / 1000)
  measured('killed, until ready again', 's', came.readyMs / 1000)
  report.row({ what: 'ready, until an agent is welcomed', unit: 's', values: seconds(({ backMs }) => backMs) })
  measured('of all the longest', 's', most(seconds(({ backMs }) => backMs)), BACK_S_MAX)
  measured(
    'its first dial then, until welcomed: the longest',
    's',
    most(seconds((one) => one.admittedMs)),
    ADMITTED_S_MAX,
  )
  measured('ready, until all are shown as connected', 's', came.shownMs / 1000, BACK_S_MAX)
  const early = links.reduce((sum, link) => sum + link.early, 0)
  measured('dials before the wait drawn for them was over', '', early, 0)
  const allowed = dialsAllowed(AGENTS, came.outageMs)
  measured('dials of the agent that dialled most', '', most(links.map(({ dials }) => dials)), allowed)
  measured('commands that were lost', '', commands.lost, 0)
  measured('commands that came twice', '', commands.again, 0)
  report.row({ what: 'GET /api/v1/hosts meanwhile', unit: 'ms', values: page.answersMs })
  measured('of them failed', '', page.failures.length, 0)
  console.log(`ends of links: ${JSON.stringify(came.refused)}; commands: ${JSON.stringify(commands.states)}`)
  report.note(`${AGENTS} agents, ${COMMANDS} commands that waited; the server was down for ${DOWN_MS / 1_000} s.`)
  expect(await report.end()).toBe(true)
})
