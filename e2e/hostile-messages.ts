import { randomBytes } from 'node:crypto'
import { type AgentMessage, PROTOCOL_VERSION } from '@rebootless/shared/contract/agent-message.ts'
import { INCIDENTS_TOLD_MAX } from '@rebootless/shared/contract/kernel-readings.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import type { HostClass } from '@rebootless/shared/domain/words.ts'
import { CORPUS, everything, hostile } from './hostile-snapshot.ts'

type Said<Type extends AgentMessage['type']> = Extract<AgentMessage, { type: Type }>

/** What a host writes where it is free to: all of the corpus, or nothing but letters that never break. */
export type Words = 'all' | 'long'

export interface HostileTalk {
  readonly name: string
  hello(hostClass: HostClass): Said<'hello'>
  snapshot(): Said<'snapshot'>
  heartbeat(): Said<'heartbeat'>
  transition(): Said<'transition'>
  kernelReadings(): Said<'kernel_readings'>
  taskLook(id: string): Said<'task_look'>
  result(commandId: string, state: Said<'result'>['state']): Said<'result'>
}

/** Of nobody: any 32 bytes are a public key, as far as a contract can tell. */
const approverKey = (mark: number) => Buffer.alloc(32, mark).toString('base64')

/** Every message that an agent can send, with hostile text in every field that takes text. */
export const hostileTalk = (words: Words): HostileTalk => {
  const one = (charactersMax: number) => (words === 'all' ? everything(charactersMax) : 'M'.repeat(charactersMax))
  const host = hostile(words)
  let sequence = 0
  const next = () => {
    sequence += 1
    return { epoch: 1, sequence, sentAt: new Date().toISOString() }
  }
  const snapshot = () => host.snapshot(new Date().toISOString())
  const incidents = (at: string) =>
    CORPUS.slice(0, words === 'all' ? INCIDENTS_TOLD_MAX : 1).map((text, index) => {
      const cut = (charactersMax: number) => (words === 'all' ? text.slice(0, charactersMax) : one(charactersMax))
      return {
        ...{ sequence: index, at, kind: 'oops' as const, text: cut(300), function: cut(128) },
        patched: { function: cut(128), patch: cut(64), own: true },
      }
    })
  return {
    name: host.name,
    hello: (hostClass) => ({
      ...{ type: 'hello', ...next(), protocol: PROTOCOL_VERSION, agentVersion: one(64), hostName: host.name },
      ...{ hostClass, origin: 'agent', bootId: one(64) },
      policy: {
        ...{ hostClass, reason: one(500), threshold: 1, hours: one(200), neverForce: false, stopped: false },
        approvers: CORPUS.slice(0, words === 'all' ? CORPUS.length : 1).map((text, index) => ({
          name: words === 'all' ? text.slice(0, 64) : one(64),
          publicKey: approverKey(index),
        })),
      },
      machineId: randomBytes(32).toString('hex'),
      auditHead: { type: PAYLOAD_TYPES.auditHead, payload: one(2000), signatures: [] },
    }),
    snapshot: () => ({ type: 'snapshot', ...next(), hash: 'a'.repeat(64), snapshot: snapshot() }),
    heartbeat: () => ({ type: 'heartbeat', ...next(), snapshotHash: 'a'.repeat(64) }),
    transition: () => ({ type: 'transition', ...next(), sample: snapshot().transition }),
    kernelReadings: () => {
      const at = new Date().toISOString()
      return {
        ...{ type: 'kernel_readings', ...next() },
        readings: {
          ...{ readAt: at, bootId: one(64), load: [1, 1, 1] },
          log: {
            ...{ errno: null, completeSince: at, lost: 0, incidents: incidents(at) },
            counts: {
              ...{ oops: CORPUS.length, bug: 0, warning: 0, lockup: 0 },
              ...{ 'rcu stall': 0, 'hung task': 0, 'sanitizer report': 0 },
            },
          },
          pressure: { errno: 'EOPNOTSUPP', cpu: null, memory: null, io: null },
        },
      }
    },
    taskLook: (id) => {
      const place = { object: one(64), function: one(512) }
      const task = { ...place, pid: 1, tid: 1, comm: one(64), kernelThread: false, unit: one(256), container: one(128) }
      const counted = { lookedAt: new Date().toISOString(), tasksTotal: 1, tasksRead: 1, errno: null }
      const look = { id, ...counted, sleeping: [task], sleepingTotal: 1, counts: [{ ...place, tasks: 1 }] }
      return { type: 'task_look', ...next(), look }
    },
    result: (commandId, state) => ({
      ...{ type: 'result', ...next(), commandId, state, code: one(64), detail: one(1000) },
      at: new Date().toISOString(),
    }),
  }
}
