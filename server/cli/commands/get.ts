import type { ApiClient } from '@rebootless/shared/contract/api-client.ts'
import { documentOfPlan } from '@rebootless/shared/contract/rollout-file.ts'
import type { KeptRolloutPolicy } from '@rebootless/shared/contract/rollout-policy.ts'
import type { RolloutDetail } from '@rebootless/shared/contract/rollouts-api.ts'
import { documentToYaml } from '@rebootless/shared/domain/rollouts/document-yaml.ts'
import { withServer } from '../api/connect.ts'
import { SERVER_OPTIONS, SERVER_USAGE } from '../api/settings.ts'
import { documentOfPolicy } from '../documents/kept-document.ts'
import { findRollout } from '../find-rollout.ts'
import { formOf, OUTPUT_OPTIONS, OUTPUT_USAGE, show, showText, table } from '../output.ts'
import { defineCommand, UsageError } from '../run-command.ts'

interface Answer {
  readonly value: unknown
  readonly lines: () => readonly string[]
  /** As `apply` takes it; left out: it is no document. */
  readonly file?: string
}
type Read = (api: ApiClient, word: string, filter: string) => Promise<Answer>

/** Pages of a list until there is none, as one. */
const allPages = async <T>(
  read: (cursor: string | undefined) => Promise<{ readonly items: readonly T[]; readonly nextCursor: string | null }>,
): Promise<T[]> => {
  const items: T[] = []
  let cursor: string | undefined
  do {
    const page = await read(cursor)
    items.push(...page.items)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return items
}

/** A value whose form varies too much for columns. */
const whole = (value: unknown): Answer => ({ value, lines: () => JSON.stringify(value, null, 2).split('\n') })

const RESOURCES: Readonly<Record<string, { readonly takes: 'nothing' | 'a word' | 'a filter'; readonly read: Read }>> =
  {
    rollouts: {
      takes: 'nothing',
      async read(api) {
        const { items } = await api.get('/api/v1/rollouts', { query: { limit: 200 } })
        const rows = items.map(({ id, name, phase, sentence }) => [id, name, phase, sentence])
        return { value: items, lines: () => table(['ID', 'NAME', 'PHASE', 'SENTENCE'], rows) }
      },
    },
    rollout: {
      takes: 'a word',
      async read(api, word) {
        const detail = await api.get('/api/v1/rollouts/:id', { params: { id: await findRollout(api, word) } })
        return { value: detail, lines: () => linesOfRollout(detail), file: documentToYaml(documentOfPlan(detail.plan)) }
      },
    },
    templates: {
      takes: 'nothing',
      async read(api) {
        const { items } = await api.get('/api/v1/rollout-templates', {})
        const rows = items.map(({ id, name, about }) => [id, name, about])
        return { value: items, lines: () => table(['ID', 'NAME', 'ABOUT'], rows) }
      },
    },
    policies: {
      takes: 'nothing',
      async read(api) {
        const { items } = await api.get('/api/v1/rollout-policies', {})
        const rows = items.map(({ name, hosts, requires, reason }) => [
          ...[name, hosts, Object.keys(requires).join(', '), reason],
        ])
        const file = items.map((policy) => documentToYaml(documentOfPolicy(policy))).join('---\n')
        return { value: items, lines: () => table(['NAME', 'HOSTS', 'REQUIRES', 'REASON'], rows), file }
      },
    },
    policy: {
      takes: 'a word',
      async read(api, name) {
        const policy: KeptRolloutPolicy = await api.get('/api/v1/rollout-policies/:name', { params: { name } })
        const file = documentToYaml(documentOfPolicy(policy))
        return { value: policy, lines: () => file.trimEnd().split('\n'), file }
      },
    },
    patches: {
      takes: 'a filter',
      async read(api, _word, filter) {
        const items = await allPages((cursor) =>
          api.get('/api/v1/patches', { query: { filter, limit: 200, ...(cursor === undefined ? {} : { cursor }) } }),
        )
        const rows = items.map(({ id, kind, name, module }) => [id, kind, name, module?.release ?? ''])
        return { value: items, lines: () => table(['ID', 'KIND', 'NAME', 'RELEASE'], rows) }
      },
    },
    patch: {
      takes: 'a word',
      read: async (api, id) => whole(await api.get('/api/v1/patches/:id', { params: { id } })),
    },
    hosts: {
      takes: 'a filter',
      async read(api, _word, filter) {
        const items = await allPages((cursor) =>
          api.get('/api/v1/hosts', {
            query: { filter, sort: 'name', limit: 500, ...(cursor === undefined ? {} : { cursor }) },
          }),
        )
        const rows = items.map(({ id, name, state, kernelRelease, stateReason }) => [
          ...[id, name, state, kernelRelease, stateReason],
        ])
        return { value: items, lines: () => table(['ID', 'NAME', 'STATE', 'KERNEL', 'WHY'], rows) }
      },
    },
    host: {
      takes: 'a word',
      read: async (api, id) => whole(await api.get('/api/v1/hosts/:id', { params: { id } })),
    },
  }

/** `rebootless get`: docs/as-code.md. */
export const getCommand = defineCommand({
  about: 'print rollouts, policies, templates, patches, hosts',
  usage: `Usage: rebootless get rollouts | templates | policies [--output FORM]
       rebootless get patches | hosts [FILTER]
       rebootless get rollout ID|NAME | policy NAME | patch ID | host ID

FILTER is words of the filter language: 'state:stalled label.env:prod'.
${OUTPUT_USAGE}
  --as-file      of a rollout, a policy, all policies: YAML as rebootless apply takes it
${SERVER_USAGE}

Exit status: 0 done, 1 not there, refused or not reached, 2 wrong use.`,
  options: { ...SERVER_OPTIONS, ...OUTPUT_OPTIONS, 'as-file': { type: 'boolean' } },
  words: Object.keys(RESOURCES),
  async run(values, [what = '', ...words]) {
    const form = formOf(values.output)
    const resource = Object.hasOwn(RESOURCES, what) ? RESOURCES[what] : undefined
    if (resource === undefined) throw new UsageError(`say what to get: ${Object.keys(RESOURCES).join(', ')}`)
    const isCountRight = resource.takes === 'a filter' || words.length === (resource.takes === 'nothing' ? 0 : 1)
    if (!isCountRight) throw new UsageError(`get ${what} takes ${resource.takes}`)
    return withServer(values, async ({ api }) => {
      const { value, lines, file } = await resource.read(api, words[0] ?? '', words.join(' '))
      if (values['as-file'] !== true) show(form, value, lines)
      else if (file === undefined) throw new UsageError(`of ${what} there is no file`)
      else showText(file)
      return 0
    })
  },
})

const linesOfRollout = ({ id, name, phase, sentence, waves, createdBy, createdAt, acts }: RolloutDetail): string[] => [
  `${name} (${id}), ${phase}`,
  sentence,
  `Made by ${createdBy} at ${createdAt}.`,
  ...table(
    ['WAVE', 'STAGE', 'HOSTS'],
    waves.map((wave) => [
      ...[wave.name, wave.stage],
      Object.entries(wave.counts)
        .map(([stage, count]) => `${count} ${stage}`)
        .join(', '),
    ]),
  ),
  `Now: ${acts.flatMap(({ kind, refusal }) => (refusal === null ? [kind] : [])).join(', ') || 'nothing can be done to it'}.`,
]
