// Goal: what a server can say to an agent is known by heart: two messages bear on what is done to a kernel, and nothing in any
// of them could change a host's policy, its pins or its program. Method: the contract itself, read field by field.
import { expect, test } from 'vitest'
import * as z from 'zod'
import { COMMAND_ACTIONS } from '../domain/words.ts'
import { ServerMessage } from './agent-message.ts'
import { Authorisation, Command, Freeze } from './command.ts'

const typeOf = (option: (typeof ServerMessage.options)[number]) => option.shape.type.value

/** Names of all fields below, at any depth. */
const fieldsOf = (schema: unknown): string[] => {
  if (typeof schema !== 'object' || schema === null) return []
  const { properties } = schema as { properties?: Record<string, unknown> }
  return [...Object.keys(properties ?? {}), ...Object.values(schema).flatMap(fieldsOf)]
}

test('T27 these messages there are: two bear on changes, and a third on whom the host trusts as its server', () => {
  const acting = ['command', 'freeze']
  const trusted = ['authorities']
  // Makes the agent read, at a pace of its own.
  const asking = ['look_for_tasks']
  // Names no address: the agent goes among those of its own settings, once a minute at most.
  const moving = ['go_elsewhere']
  const telling = ['welcome', 'acknowledged', 'snapshot_wanted', 'refused', 'audit_head']
  // Whoever adds one decides which it is, and adds it to the hostile server's suite.
  expect(ServerMessage.options.map(typeOf).sort()).toEqual(
    [...acting, ...trusted, ...asking, ...moving, ...telling].sort(),
  )
})

test('T27 these acts there are, and none of them is to run what was sent', () => {
  expect(COMMAND_ACTIONS).toEqual([
    ...['load', 'enable', 'disable', 'reverse', 'retry', 'signal', 'force', 'update', 'refresh'],
  ])
})

test('T27 no field names a policy, an approver, a class, a program, or a place', () => {
  const signed = [Authorisation, Command, Freeze]
  const names = [ServerMessage, ...signed].flatMap((schema) => fieldsOf(z.toJSONSchema(schema, { reused: 'inline' })))
  expect(names).toEqual(expect.arrayContaining(['certificateAuthorities', 'payload', 'artefact', 'frozen', 'sha256']))
  const telling =
    /polic|class|approver|threshold|hours|never|program|argument|argv|shell|path|folder|url|address|environment/i
  expect(names.filter((name) => telling.test(name))).toEqual([])
})
