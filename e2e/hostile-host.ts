import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, type Page } from '@playwright/test'
import { dial } from '@rebootless/server/agent/link/dial.ts'
import { ensureEnrolled } from '@rebootless/server/agent/link/enrol.ts'
import { type CommandResult, HEARTBEAT_INTERVAL_MS, ServerMessage } from '@rebootless/shared/contract/agent-message.ts'
import { Command } from '@rebootless/shared/contract/command.ts'
import type { HostClass } from '@rebootless/shared/domain/words.ts'
import { hostileTalk, type Words } from './hostile-messages.ts'
import type { Program } from './program.ts'

export const joinToken = async (page: Page, program: Program): Promise<string> => {
  const url = `${program.address}/api/v1/enrolment-tokens`
  const answer = await page.request.post(url, { data: {}, headers: { Origin: program.address } })
  expect(answer.status(), await answer.text()).toBe(201)
  return (await answer.json()).token
}

/**
 * Runs a host whose root has taken the agent's place until the work is done: over the real link, with hostile text wherever
 * a message takes text. Each command ends as `outcome` says.
 */
export const withHostileHost = async (
  host: { page: Page; program: Program; words: Words; hostClass: HostClass; outcome: CommandResult['state'] },
  work: (id: string) => Promise<void>,
): Promise<void> => {
  const { page, program, words, hostClass, outcome } = host
  const dataDirectory = await mkdtemp(path.join(tmpdir(), 'rebootless-hostile-'))
  const talk = hostileTalk(words)
  const identity = await ensureEnrolled({
    ...{ dataDirectory, hostName: talk.name, origin: 'agent', now: Date.now },
    ...{ server: program.agentAddress, token: await joinToken(page, program) },
  })
  const socket = dial(identity)
  const closed: number[] = []
  const say = (message: object) => socket.send(JSON.stringify(message))
  socket.on('error', () => undefined)
  socket.on('close', (code) => closed.push(code))
  socket.on('open', () => say(talk.hello(hostClass)))
  socket.on('message', (data) => {
    const message = ServerMessage.parse(JSON.parse(String(data)))
    if (message.type === 'welcome') {
      say(talk.snapshot())
      say(talk.transition())
      say(talk.kernelReadings())
    }
    if (message.type === 'look_for_tasks') say(talk.taskLook(message.wanted.id))
    if (message.type === 'command') {
      const { id } = Command.parse(JSON.parse(message.command.payload))
      say(talk.result(id, 'started'))
      say(talk.result(id, outcome))
    }
  })
  const beating = setInterval(() => say(talk.heartbeat()), HEARTBEAT_INTERVAL_MS)
  try {
    const url = `${program.address}/api/v1/hosts/${identity.hostId}`
    await expect.poll(async () => (await (await page.request.get(url)).json()).state).toBe('stalled')
    await work(identity.hostId)
    expect(closed, 'the link held').toEqual([])
  } finally {
    clearInterval(beating)
    socket.terminate()
    await rm(dataDirectory, { recursive: true, force: true })
  }
}
