import { setTimeout as sleep } from 'node:timers/promises'
import type { ApiClient } from '@rebootless/shared/contract/api-client.ts'
import type { RolloutDecision, RolloutDetail } from '@rebootless/shared/contract/rollouts-api.ts'
import { printable, printableJson } from '@rebootless/shared/domain/printable.ts'
import type { RolloutPhase } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import { ServerRefusal } from '../api/client.ts'
import { withServer } from '../api/connect.ts'
import { SERVER_OPTIONS, SERVER_USAGE } from '../api/settings.ts'
import { UnreachableError } from '../api/transport.ts'
import { findRollout } from '../find-rollout.ts'
import { defineCommand, UsageError } from '../run-command.ts'

const LOOK_MS = 2_000
const PAGE = 500
const TIMED_OUT = 6
/** Where watching ends. Others go on. */
const ENDINGS: Readonly<Partial<Record<RolloutPhase, number>>> = {
  ...{ done: 0, paused: 3, aborted: 4, reversed: 5, 'reversed in part': 5 },
}

/** `rebootless watch`: docs/as-code.md. */
export const watchCommand = defineCommand({
  about: 'follow a rollout until it ends or pauses',
  usage: `Usage: rebootless watch ID|NAME [--json] [--timeout SECONDS] [--server URL]

Prints each decision of the rollout, and the sentence that says where it stands whenever that changes, until it ends or
pauses. A server that does not answer for a while is waited for.
  --json         a JSON object on each line: {"decision": …} or {"phase": …, "sentence": …, "at": …}
  --timeout N    no longer than so many seconds
${SERVER_USAGE}

Exit status: 0 done, 1 refused, 2 wrong use, 3 paused, 4 aborted, 5 reversed, wholly or in part, 6 timed out.`,
  options: { ...SERVER_OPTIONS, json: { type: 'boolean' }, timeout: { type: 'string' } },
  async run(values, [word, ...rest]) {
    if (word === undefined || rest.length > 0) throw new UsageError('one ID or NAME of a rollout is needed')
    const seconds = values.timeout === undefined ? Number.POSITIVE_INFINITY : Number(values.timeout)
    if (!(seconds > 0)) throw new UsageError('--timeout is a number of seconds')
    return withServer(values, async ({ api }) =>
      follow(api, await findRollout(api, word), values.json === true ? jsonPrinter : linePrinter, seconds * 1000),
    )
  },
})

interface Printer {
  decision(decision: RolloutDecision): void
  sentence(detail: RolloutDetail): void
}
const jsonPrinter: Printer = {
  decision: (decision) => console.log(printableJson({ decision }, 0)),
  sentence: ({ phase, sentence, asOf }) => console.log(printableJson({ phase, sentence, at: asOf }, 0)),
}
const linePrinter: Printer = {
  decision: ({ at, kind, sentence, because }) =>
    console.log(printable(`${at}  ${kind}: ${sentence}${because === null ? '' : ` (${because})`}`)),
  sentence: ({ asOf, sentence }) => console.log(printable(`${asOf}  ${sentence}`)),
}

const follow = async (api: ApiClient, id: string, printer: Printer, forMs: number): Promise<number> => {
  const begun = performance.now()
  let next = 0
  let said = ''
  let isAway = false
  for (;;) {
    try {
      // The state first: what led to it is among the decisions that are read after it.
      const detail = await api.get('/api/v1/rollouts/:id', { params: { id } })
      for (const decision of await decisionsFrom(api, id, next)) {
        printer.decision(decision)
        next = decision.number + 1
      }
      if (detail.sentence !== said) printer.sentence(detail)
      said = detail.sentence
      isAway = false
      const status = ENDINGS[detail.phase]
      if (status !== undefined) return status
    } catch (error) {
      if (!isPassing(error)) throw error
      if (!isAway) console.error(printable(`${error.message} It is tried again.`))
      isAway = true
    }
    const left = forMs - (performance.now() - begun)
    if (left <= 0) {
      console.error('The time is over; the rollout goes on.')
      return TIMED_OUT
    }
    await sleep(Math.min(LOOK_MS, left))
  }
}

/** A restart of the server, or of what stands before it. */
const isPassing = (error: unknown): error is Error =>
  error instanceof UnreachableError || (error instanceof ServerRefusal && error.httpStatus >= 500)

/** Oldest first. */
const decisionsFrom = async (api: ApiClient, id: string, next: number): Promise<RolloutDecision[]> => {
  const found: RolloutDecision[] = []
  for (let before: number | undefined; ; ) {
    const query = { limit: PAGE, ...(before === undefined ? {} : { before }) }
    const { items } = await api.get('/api/v1/rollouts/:id/decisions', { params: { id }, query })
    found.push(...items.filter(({ number }) => number >= next))
    const oldest = items.at(-1)?.number
    if (oldest === undefined || oldest <= next) return found.reverse()
    before = oldest
  }
}
