import type { Gate, RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import type { GateReading } from '@rebootless/shared/contract/rollouts-api.ts'
import { gatesOf, type RolloutInput, type RolloutState } from '@rebootless/shared/domain/rollouts/rollout-state.ts'
import * as z from 'zod'
import type { GuardedFetch } from '../outgoing/guarded-fetch.ts'
import type { ReadPressure } from './pressure-gate.ts'

/** A gate is asked so often while its wave stands before it. */
const ASK_EVERY_MS = 15_000

/** Prometheus, HTTP API, "Instant queries": a vector of samples, or a scalar; values are text. */
const Sample = z.tuple([z.number(), z.string()])
const Answer = z.object({
  status: z.literal('success'),
  data: z.discriminatedUnion('resultType', [
    z.object({ resultType: z.literal('vector'), result: z.array(z.object({ value: Sample })) }),
    z.object({ resultType: z.literal('scalar'), result: Sample }),
  ]),
})

const isMet = (value: number, { is, value: bound }: Extract<Gate, { kind: 'prometheus' }>): boolean => {
  switch (is) {
    case '<':
      return value < bound
    case '<=':
      return value <= bound
    case '>':
      return value > bound
    case '>=':
      return value >= bound
  }
}

type Found = Pick<GateReading, 'open' | 'words'>
const shut = (words: string): Found => ({ open: false, words: words.slice(0, 1000) })

const askPrometheus = async (gate: Extract<Gate, { kind: 'prometheus' }>, fetch: GuardedFetch): Promise<Found> => {
  const url = new URL('api/v1/query', gate.url.endsWith('/') ? gate.url : `${gate.url}/`)
  url.searchParams.set('query', gate.query)
  const response = await fetch(url)
  if (response.status !== 200) return shut(`not known: Prometheus answers ${response.status}`)
  const answer = Answer.safeParse(await response.json().catch(() => null))
  if (!answer.success) return shut('not known: the answer is no vector and no number')
  const { data } = answer.data
  const values = data.resultType === 'scalar' ? [data.result] : data.result.map(({ value }) => value)
  if (values.length === 0) return shut('not known: the query finds nothing')
  const numbers = values.map(([, text]) => Number(text))
  const worst = numbers.find((value) => !isMet(value, gate))
  if (worst !== undefined) return shut(`${worst} is not ${gate.is} ${gate.value}`)
  return { open: true, words: `${numbers[0]}${numbers.length > 1 ? ` and ${numbers.length - 1} more` : ''}` }
}

const askHttp = async (gate: Extract<Gate, { kind: 'http' }>, fetch: GuardedFetch): Promise<Found> => {
  const { status } = await fetch(gate.url)
  return status === gate.status ? { open: true, words: `it answers ${status}` } : shut(`it answers ${status}`)
}

/** What gates are read with. */
export interface GateSources {
  readonly fetch: GuardedFetch
  readonly pressure: ReadPressure
}

const ask = async (
  gate: Gate,
  { fetch, pressure }: GateSources,
  state: RolloutState,
  wave: number,
): Promise<Found | null> => {
  switch (gate.kind) {
    case 'prometheus':
      return askPrometheus(gate, fetch)
    case 'http':
      return askHttp(gate, fetch)
    case 'pressure':
      return pressure(gate, state, wave)
    default:
      return null
  }
}

/** Reads gates that the step itself does not, beside the steps: a server that does not answer holds up its own gate and nothing else. */
export interface GateReader {
  /** What was read since the last call; begins to ask what is due. */
  read(plan: RolloutPlan, state: RolloutState): RolloutInput['gates']
  /** Resolves when nothing is under way. */
  settled(): Promise<void>
}

export const createGateReader = (sources: GateSources, now: () => Date): GateReader => {
  const askedAt = new Map<string, number>()
  const found = new Map<string, RolloutInput['gates'][number]>()
  const underWay = new Set<Promise<void>>()

  const begin = (key: string, state: RolloutState, index: number, gate: Gate): void => {
    const { wave } = state
    const asking = ask(gate, sources, state, wave)
      .catch((error: unknown) => shut(`not known: ${error instanceof Error ? error.message : 'it was not read'}`))
      .then((reading) => {
        if (reading === null) return
        found.set(key, { wave, gate: index, reading: { ...reading, at: now().toISOString() } })
      })
      .finally(() => underWay.delete(asking))
    underWay.add(asking)
  }

  return {
    read(plan, state) {
      const { wave } = state
      const stage = state.waves[wave]?.stage
      if (stage !== 'soaking' && stage !== 'at its gate') return []
      const readings: RolloutInput['gates'][number][] = []
      for (const [index, gate] of gatesOf(plan, wave).entries()) {
        const key = `${state.id}/${wave}/${state.waves[wave]?.round}/${index}`
        const reading = found.get(key)
        if (reading !== undefined) readings.push(reading)
        found.delete(key)
        const at = now().getTime()
        if (Math.abs(at - (askedAt.get(key) ?? Number.NEGATIVE_INFINITY)) < ASK_EVERY_MS) continue
        askedAt.set(key, at)
        begin(key, state, index, gate)
      }
      return readings
    },
    settled: async () => {
      await Promise.all(underWay)
    },
  }
}
