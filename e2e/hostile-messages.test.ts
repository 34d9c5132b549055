// Goal: no text of a host is forgotten, none is too long for us, none paints on a terminal (T04, T20). Method: every field
// of the contract that takes text, found in its JSON Schema and held against what our hostile host says; each blown up to
// a megabyte; the agent's own command line on a kernel, tools and a server that only speak hostile text.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { runCli } from '@rebootless/server/agent/cli/main.ts'
import { snapshotText } from '@rebootless/server/agent/cli/snapshot-text.ts'
import { statusText } from '@rebootless/server/agent/cli/status-text.ts'
import type { KernelFs } from '@rebootless/server/agent/kernel/kernel-fs.ts'
import { createSystemClock } from '@rebootless/server/agent/kernel/system-clock.ts'
import { createLinkBench, eventually, sampleSnapshot } from '@rebootless/server/bff/link/link-test-bench.ts'
import { AgentMessage, FRAME_BYTES_MAX } from '@rebootless/shared/contract/agent-message.ts'
import { EnrolRequest } from '@rebootless/shared/contract/enrolment.ts'
import { AskRequest } from '@rebootless/shared/contract/waiting-room.ts'
import { printableJson } from '@rebootless/shared/domain/printable.ts'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { hostileTalk } from './hostile-messages.ts'
import { CORPUS } from './hostile-snapshot.ts'

/** Anything but line feeds that a terminal acts upon, or that hides and reorders what stands around it. */
const PAINTS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u
const paintsIn = (text: string): string[] =>
  [...text.replaceAll('\n', '').matchAll(new RegExp(`.{0,30}${PAINTS.source}`, 'gu'))].map(([found]) =>
    JSON.stringify(found),
  )
/** What each text of the corpus has, and its first letters too. */
const IS_HOSTILE = /[<>"'=+\p{Cc}\p{Cf}]|\.\.\/|javascript:|WWWW/u

interface Schema {
  readonly $ref?: string
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly propertyNames?: Schema
  readonly additionalProperties?: Schema | false
  readonly items?: Schema | false
  readonly prefixItems?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly pattern?: string
  readonly $defs?: Readonly<Record<string, Schema>>
}

/** Where a message takes any text: `hello.policy.approvers[].name`. */
const textFields = (schema: z.ZodType, name: (schema: Schema) => string): string[] => {
  const whole = z.toJSONSchema(schema, { io: 'input' }) as Schema
  const walk = (at: Schema, where: string): string[] => {
    if (at.$ref !== undefined) {
      const found = whole.$defs?.[at.$ref.replace('#/$defs/', '')]
      if (found === undefined) throw new Error(`${where}: ${at.$ref} leads nowhere`)
      return walk(found, where)
    }
    const several = at.anyOf ?? at.oneOf
    if (several !== undefined) return several.flatMap((one) => walk(one, where))
    if (at.enum !== undefined || at.const !== undefined) return []
    if (Array.isArray(at.type)) return at.type.flatMap((type: string) => walk({ ...at, type }, where))
    switch (at.type) {
      case 'object':
        // A record by words of ours: no text of a host is a key.
        if (at.propertyNames?.enum !== undefined && at.additionalProperties) return walk(at.additionalProperties, where)
        if (at.properties === undefined) throw new Error(`${where}: an object of any keys`)
        return Object.entries(at.properties).flatMap(([key, one]) => walk(one, `${where}.${key}`))
      case 'array':
        return [...(at.prefixItems ?? []), ...(at.items ? [at.items] : [])].flatMap((one) => walk(one, `${where}[]`))
      case 'string':
        return at.pattern === undefined ? [where] : []
      case 'integer':
      case 'number':
      case 'boolean':
      case 'null':
        return []
      default:
        throw new Error(`${where}: a schema that this test cannot read: ${JSON.stringify(at).slice(0, 200)}`)
    }
  }
  return [...new Set((whole.oneOf ?? whole.anyOf ?? [whole]).flatMap((one) => walk(one, name(one))))].sort()
}

type Place = readonly [field: string, at: readonly (string | number)[]]

/** Every text in a value, by the name that `textFields` gives its field. */
const placesOf = (value: unknown, field: string, at: readonly (string | number)[] = []): Place[] => {
  if (typeof value === 'string') return [[field, at]]
  if (Array.isArray(value)) return value.flatMap((one, index) => placesOf(one, `${field}[]`, [...at, index]))
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, one]) => placesOf(one, `${field}.${key}`, [...at, key]))
}

const textAt = (value: unknown, at: Place[1]): string =>
  at.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], value) as string

const withTextAt = (value: unknown, at: Place[1], text: string): unknown => {
  const copy = structuredClone(value)
  const inner = at.slice(0, -1).reduce<unknown>((one, key) => (one as Record<string | number, unknown>)[key], copy)
  ;(inner as Record<string | number, unknown>)[at.at(-1) ?? ''] = text
  return copy
}

const everyMessage = (words: 'all' | 'long' = 'all'): AgentMessage[] => {
  const talk = hostileTalk(words)
  const result = talk.result(crypto.randomUUID(), 'failed')
  const look = talk.taskLook('a'.repeat(64))
  return [talk.hello('lab'), talk.snapshot(), talk.transition(), talk.kernelReadings(), look, result]
}
const fieldsOfMessages = textFields(
  AgentMessage,
  ({ properties }) => `${(properties?.type as { const?: string } | undefined)?.const}`,
)

describe('what the hostile host says', () => {
  test.each(['all', 'long'] as const)('follows the contract, so that nothing but its words is wrong (%s)', (words) => {
    for (const message of everyMessage(words)) expect(AgentMessage.safeParse(message).error).toBeUndefined()
  })

  test('T04 is hostile in every text field of every message', () => {
    expect(fieldsOfMessages.length).toBeGreaterThan(80)
    const places = everyMessage().flatMap((message) =>
      placesOf(message, message.type)
        .filter(([, at]) => IS_HOSTILE.test(textAt(message, at)))
        .map(([field]) => field),
    )
    expect(fieldsOfMessages.filter((field) => !places.includes(field))).toEqual([])
  })
})

describe('T04 a megabyte of text', () => {
  const LONG = 'W'.repeat(1_000_000)

  test('is refused in each text field of each message', () => {
    const taken: string[] = []
    const tried = new Set<string>()
    for (const message of everyMessage()) {
      for (const [field, at] of placesOf(message, message.type)) {
        if (tried.has(field)) continue
        tried.add(field)
        if (AgentMessage.safeParse(withTextAt(message, at, LONG)).success) taken.push(field)
      }
    }
    expect(fieldsOfMessages.filter((field) => !tried.has(field))).toEqual([])
    expect(taken).toEqual([])
  })

  test('is refused in the texts of those who are not in yet', () => {
    const enrolling = { token: 'x', certificateRequest: 'x', hostName: 'x', origin: 'agent' }
    const asking = { protocol: 2, certificateRequest: 'x', hostName: 'x' }
    for (const [schema, body] of [
      [EnrolRequest, enrolling],
      [AskRequest, asking],
    ] as const) {
      expect(schema.safeParse(body).success).toBe(true)
      for (const field of textFields(schema, () => 'body')) {
        expect(schema.safeParse(withTextAt(body, [field.replace('body.', '')], LONG)).success, field).toBe(false)
      }
    }
  })

  test('ends the link of who sends it, whatever the message, and changes nothing', async () => {
    const bench = await createLinkBench()
    const talk = hostileTalk('long')
    const { sample, ...transition } = talk.transition()
    const readings = talk.kernelReadings()
    for (const [message, at] of [
      [talk.hello('lab'), ['hostName']],
      [{ ...talk.snapshot(), snapshot: sampleSnapshot() }, ['snapshot', 'kernel', 'release']],
      [{ ...transition, sample: { ...sample, blocking: [] } }, ['sample', 'patch']],
      [readings, ['readings', 'log', 'incidents', 0, 'text']],
      [talk.result(crypto.randomUUID(), 'failed'), ['detail']],
    ] as const) {
      const host = await bench.enrolledHost()
      const link = bench.open({ key: host.key, cert: host.cert })
      await link.opened
      link.socket.send(JSON.stringify({ ...talk.hello('observe'), auditHead: undefined }))
      await eventually('welcome', () => link.received.some(({ type }) => type === 'acknowledged'))
      const frame = JSON.stringify(withTextAt(message, at, LONG))
      expect(frame.length, 'it is the field that is too long, not the frame').toBeLessThan(FRAME_BYTES_MAX)
      const before = bench.memory.applied.length
      link.socket.send(frame)
      expect(await link.closed, message.type).toBe(1008)
      expect(link.received.at(-1), message.type).toMatchObject({ type: 'refused', code: 'agent_frame_invalid' })
      expect(bench.memory.applied, message.type).toHaveLength(before)
    }
    await bench.end()
  })
})

describe('T04 the command line of the agent', () => {
  const everything = CORPUS.join(' ')

  test('prints a hostile snapshot as text, in words and as JSON', () => {
    const { snapshot } = hostileTalk('all').snapshot()
    expect(paintsIn(JSON.stringify(snapshot)), 'the snapshot is JSON').not.toEqual([])
    expect(paintsIn(snapshotText(snapshot))).toEqual([])
    expect(paintsIn(printableJson(snapshot))).toEqual([])
    expect(JSON.parse(printableJson(snapshot))).toEqual(snapshot)
    expect(snapshotText(snapshot)).toContain('\\u{1b}[31')
  })

  test('prints what a lying server said, and a hostile path of settings, as text', () => {
    const instant = '2026-11-26T12:00:00.000Z'
    const text = statusText({
      identity: {
        ...{ hostId: everything, certificate: '', certificateAuthority: '', expiresAt: instant, privateKey: '' },
        ...{ server: `https://${everything}`, enrolledAt: instant },
      },
      status: {
        ...{ pid: 1, agentVersion: everything, startedAt: instant, epoch: 1, state: 'waiting', reason: everything },
        ...{ lastContactAt: instant, clockSkewMs: 1, hostClass: 'lab', classReason: everything },
        ...{ snapshotCut: everything, lastCommand: everything },
      },
      policy: { hostClass: 'observe', reason: everything, config: null },
      ...{ running: true, stopped: true, nowMs: Date.parse(instant) },
    })
    expect(paintsIn(text)).toEqual([])
    expect(text.split('\n').filter((line) => line.includes('\\u{202e}')).length).toBeGreaterThan(5)
  })

  test('inspects a kernel and tools that write nothing else, and prints text', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'rebootless-hostile-'))
    const names = CORPUS.slice(4, 7).map((text) => text.slice(0, 60))
    const fs: KernelFs = {
      read: async (file) => ({
        ok: true,
        value: /\/(enabled|transition|replace)$/.test(file) ? '1\n' : `${everything}\n`,
      }),
      // Below /sys/kernel/livepatch, a patch and an object there are no more folders.
      list: async (at) =>
        at.split('/').length > 6
          ? { ok: false, errno: 'ENOENT' }
          : { ok: true, value: names.map((name) => ({ name, directory: true })) },
      hold: async () => ({ ok: false, errno: 'EACCES' }),
      write: async () => ({ ok: false, errno: 'EACCES' }),
      followKernelLog: async (onRecord) => {
        CORPUS.forEach((text, index) => {
          onRecord(`6,${index},${index},-;livepatch: '${text}': starting patching transition\n`)
        })
        return { ok: true, value: undefined }
      },
    }
    const run = async (...words: string[]) => {
      const said = { out: '', error: '' }
      const status = await runCli([...words, '--data', folder, '--config', path.join(folder, 'agent.json')], {
        terminal: {
          out: (text) => {
            said.out += text
          },
          error: (text) => {
            said.error += text
          },
          input: Readable.from(['']),
        },
        fs,
        programs: {
          run: async () => ({ ok: true, exitCode: 1, stdout: everything, stderr: everything, truncated: false }),
        },
        clock: createSystemClock(),
        signal: AbortSignal.abort(),
      })
      return { status, ...said }
    }
    for (const words of [['inspect'], ['inspect', '--json'], ['status']]) {
      await writeFile(path.join(folder, 'agent.json'), `{"class":${JSON.stringify(everything)}}`)
      const { status, out, error } = await run(...words)
      expect(status, words.join(' ')).toBe(words[0] === 'status' ? 3 : 0)
      expect(paintsIn(out + error), words.join(' ')).toEqual([])
      if (words[0] === 'inspect') expect(out, words.join(' ')).toMatch(/\\u(\{1b\}|001b)/)
    }
    await rm(folder, { recursive: true })
  })
})
