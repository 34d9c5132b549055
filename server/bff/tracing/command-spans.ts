import { type Attributes, ROOT_CONTEXT, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { DatabaseSchema } from '../database/schema.ts'
import { AGENT_PART, type CommandPhases, readCommandPhases } from './command-phases.ts'
import { parentOf } from './span-context.ts'

/**
 * The end of a command and the kernel's log come in messages of their own, so a command is told once its transition is over in the log
 * too, or after the last of these looks at it: many hosts have no log to tell of, and some commands no transition.
 */
const LOOKS = 4
const LOOK_MS = 1_000
const COMMANDS_A_LOOK = 200
/** A collector is not worth more memory than this; what comes then is not told. */
const WAITING_MOST = 20_000

export interface CommandSpans {
  ended(commandId: string): void
  /** Tells what still waits, as it is known. Never rejects. */
  close(): Promise<void>
}

export const createCommandSpans = (
  tracer: Tracer,
  database: Kysely<DatabaseSchema>,
  log: Pick<Logger, 'warn'>,
): CommandSpans => {
  /** How often each was looked at; those that wait longest first. */
  const waiting = new Map<string, number>()
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> = Promise.resolve()

  const look = async (isLast: boolean): Promise<void> => {
    const ids = [...waiting.keys()].slice(0, isLast ? WAITING_MOST : COMMANDS_A_LOOK)
    try {
      const found = ids.length === 0 ? [] : await readCommandPhases(database, ids)
      const byId = new Map(found.map((phases) => [phases.id, phases]))
      for (const id of ids) {
        const looks = (waiting.get(id) ?? 0) + 1
        const phases = byId.get(id)
        waiting.delete(id)
        if (phases === undefined) continue
        if (isLast || looks >= LOOKS || phases.kernel.length > 0) tell(tracer, phases)
        else waiting.set(id, looks)
      }
    } catch (error) {
      for (const id of ids) waiting.delete(id)
      log.warn({ err: error, commands: ids.length }, 'commands could not be told to the collector of traces')
    }
  }
  const lookLater = () => {
    timer ??= setTimeout(() => {
      looking = look(false).finally(() => {
        timer = undefined
        if (waiting.size > 0) lookLater()
      })
    }, LOOK_MS).unref()
  }

  return {
    ended(commandId) {
      if (waiting.size < WAITING_MOST) waiting.set(commandId, 0)
      lookLater()
    },
    async close() {
      await looking
      clearTimeout(timer)
      await look(true)
    },
  }
}

const tell = (tracer: Tracer, phases: CommandPhases): void => {
  const parent = parentOf(phases.traceParent)
  if (parent === undefined) return
  const attributes: Attributes = {
    ...{ 'rebootless.command.id': phases.id, 'rebootless.command.action': phases.action },
    ...{ 'rebootless.command.state': phases.state, 'rebootless.host.id': phases.hostId },
    ...(phases.code !== null && { 'rebootless.command.code': phases.code }),
  }
  const whole = tracer.startSpan(
    `command ${phases.action}`,
    { kind: SpanKind.PRODUCER, startTime: phases.createdAt, attributes },
    parent.context,
  )
  if (phases.state !== 'done') whole.setStatus({ code: SpanStatusCode.ERROR, message: phases.code ?? phases.state })
  const ofCommand = trace.setSpan(ROOT_CONTEXT, whole)
  let ofAgent = ofCommand
  for (const { name, from, to } of phases.parts) {
    const span = tracer.startSpan(name, { startTime: from, kind: SpanKind.INTERNAL }, ofCommand)
    if (name === AGENT_PART) ofAgent = trace.setSpan(ROOT_CONTEXT, span)
    span.end(to)
  }
  for (const { name, from, to, patch, ended, marks } of phases.kernel) {
    const span = tracer.startSpan(name, { startTime: from, attributes: { 'rebootless.patch': patch } }, ofAgent)
    for (const mark of marks) span.addEvent(mark.name, mark.at)
    if (ended !== 'completed') span.setStatus({ code: SpanStatusCode.ERROR, message: ended })
    span.end(to)
  }
  whole.end(phases.endedAt)
}
