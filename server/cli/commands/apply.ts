import type { ApiClient } from '@rebootless/shared/contract/api-client.ts'
import { type PolicyDocument, planOfDocument, type RolloutDocument } from '@rebootless/shared/contract/rollout-file.ts'
import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import type { PolicyBreach, RolloutPolicySet } from '@rebootless/shared/contract/rollout-policy.ts'
import type { RolloutDetail, RolloutPreview } from '@rebootless/shared/contract/rollouts-api.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { counted, listed } from '@rebootless/shared/domain/sentence.ts'
import type { z } from 'zod'
import { ServerRefusal } from '../api/client.ts'
import { withServer } from '../api/connect.ts'
import { SERVER_OPTIONS, SERVER_USAGE } from '../api/settings.ts'
import { documentOfPolicy, readKeptPolicy, readKeptRollout } from '../documents/kept-document.ts'
import { readDocuments } from '../documents/read-documents.ts'
import { rolloutIdOf } from '../documents/rollout-id.ts'
import { formOf, OUTPUT_OPTIONS, OUTPUT_USAGE, show } from '../output.ts'
import { defineCommand, UsageError } from '../run-command.ts'

type Result = { readonly kind: 'Rollout' | 'Policy'; readonly name: string; readonly result: string } & (
  | {
      readonly id: string
      readonly phase: string | null
      readonly sentence: string | null
      readonly preview?: RolloutPreview
    }
  | { readonly goOn: RolloutPolicySet['goOn'] }
)

/** `rebootless apply`: docs/as-code.md. */
export const applyCommand = defineCommand({
  about: 'keep rollouts and policies that files describe',
  usage: `Usage: rebootless apply FILE…|- [--start] [--dry-run] [--server URL]

Keeps what the documents of the files describe, YAML or JSON: policies first, then rollouts. The same file applied again
changes nothing: a rollout's id is made of its name and content. Nothing is sent of files of which one has a mistake.
  --start        starts the rollouts, too; each then waits for its approvals
  --reason TEXT  why it is started; the plan's reason unless said
  --dry-run      shows who would go when, and what policies say; keeps nothing
${OUTPUT_USAGE}
${SERVER_USAGE}

Exit status: 0 done, 1 refused or not reached, 2 wrong use. With --dry-run: 1 when a policy bars it.`,
  options: {
    ...{ ...SERVER_OPTIONS, ...OUTPUT_OPTIONS, start: { type: 'boolean' }, reason: { type: 'string' } },
    'dry-run': { type: 'boolean' },
  },
  async run(values, files) {
    const form = formOf(values.output)
    const isDry = values['dry-run'] === true
    if (isDry && values.start === true) throw new UsageError('--dry-run starts nothing')
    if (values.reason !== undefined && values.start !== true) throw new UsageError('--reason goes with --start')
    const documents = (await readDocuments(files)).map(({ document }) => document)
    return withServer(values, async ({ api }) => {
      const results: Result[] = []
      // Shown even when the next one is refused: what was kept is kept.
      const told = (): void => show(form, results, () => results.flatMap(linesOf))
      try {
        for (const document of documents)
          if (document.kind === 'Policy') results.push(await applyPolicy(api, document, isDry))
        for (const document of documents) {
          if (document.kind !== 'Rollout') continue
          const start = values.start === true ? { reason: values.reason ?? document.spec.reason } : null
          results.push(isDry ? await previewRollout(api, document) : await applyRollout(api, document, start))
        }
      } finally {
        told()
      }
      return results.some((one) => 'preview' in one && isBarred(one.preview)) ? 1 : 0
    })
  },
})

const applyPolicy = async (
  api: ApiClient,
  document: z.infer<typeof PolicyDocument>,
  isDry: boolean,
): Promise<Result> => {
  const { name } = document.metadata
  const kept = await readKeptPolicy(api, name)
  const about = { kind: 'Policy', name } as const
  const isSame = kept !== null && canonicalJson(documentOfPolicy(kept)) === canonicalJson(document)
  if (isSame) return { ...about, result: 'unchanged', goOn: [] }
  const result = kept === null ? 'made' : 'changed'
  if (isDry) return { ...about, result: `would be ${result}`, goOn: [] }
  const { goOn } = await api.put('/api/v1/rollout-policies/:name', { params: { name }, body: document.spec })
  return { ...about, result, goOn }
}

const applyRollout = async (
  api: ApiClient,
  document: z.infer<typeof RolloutDocument>,
  start: { readonly reason: string } | null,
): Promise<Result> => {
  const plan = planOfDocument(document)
  const id = rolloutIdOf(plan)
  const kept = await readKeptRollout(api, id)
  let rollout = kept ?? (await keepRollout(api, id, plan))
  let result = kept === null ? 'made' : 'unchanged'
  if (start !== null && rollout.phase === 'draft') {
    rollout = await api.post('/api/v1/rollouts/:id/start', { params: { id }, body: start })
    result = `${result} and started`
  }
  return { kind: 'Rollout', name: plan.name, id, result, phase: rollout.phase, sentence: rollout.sentence }
}

/** The answer of an earlier try may have been lost on its way, or somebody applies the same: it is there, then. */
const keepRollout = async (api: ApiClient, id: string, plan: RolloutPlan): Promise<RolloutDetail> => {
  try {
    return await api.post('/api/v1/rollouts', { body: { id, plan } })
  } catch (error) {
    if (!(error instanceof ServerRefusal && error.code === 'rollout_refused')) throw error
    const kept = await readKeptRollout(api, id)
    if (kept === null) throw error
    return kept
  }
}

const previewRollout = async (api: ApiClient, document: z.infer<typeof RolloutDocument>): Promise<Result> => {
  const plan = planOfDocument(document)
  const id = rolloutIdOf(plan)
  const about = { kind: 'Rollout', name: plan.name, id } as const
  const kept = await readKeptRollout(api, id)
  if (kept !== null) return { ...about, result: 'unchanged', phase: kept.phase, sentence: kept.sentence }
  const preview = await api.post('/api/v1/rollouts/preview', { body: { id, plan } })
  return { ...about, result: 'would be made', phase: null, sentence: null, preview }
}

const isBarred = (preview: RolloutPreview | undefined): boolean => preview !== undefined && preview.breaches.length > 0

const linesOf = (one: Result): string[] => {
  const head = `${one.kind} ${one.name} ${one.result}`
  if ('goOn' in one) {
    const lines = one.goOn.map(
      ({ id, name, breaches }) => `  ${name} (${id}) had begun and goes on. ${texts(breaches)}`,
    )
    return [head, ...lines]
  }
  const { id, sentence, preview } = one
  return [
    `${head}: ${id}`,
    ...(sentence === null ? [] : [`  ${sentence}`]),
    ...(preview === undefined ? [] : previewLines(preview)),
  ]
}

const texts = (breaches: readonly PolicyBreach[]): string => breaches.map(({ sentence }) => sentence).join(' ')

const previewLines = ({ waves, others, breaches, overlaps }: RolloutPreview): string[] => [
  ...waves.map(({ name, hosts }) => {
    const names = hosts.length === 0 ? '' : `: ${listed(hosts.map((host) => host.name))}`
    return `  ${name}: ${counted(hosts.length, 'host')}${names}`
  }),
  ...others.map(({ name, stage, why }) => `  ${stage}: ${name}. ${why}`),
  ...overlaps.map(
    ({ name, hosts }) => `  must wait: ${name ?? 'another rollout'} changes ${counted(hosts, 'host')} of it now.`,
  ),
  ...breaches.map(({ sentence }) => `  barred: ${sentence}`),
]
