import { documentToYaml } from '@rebootless/shared/domain/rollouts/document-yaml.ts'
import { withServer } from '../api/connect.ts'
import { SERVER_OPTIONS, SERVER_USAGE } from '../api/settings.ts'
import { readKept } from '../documents/kept-document.ts'
import { lineDiff } from '../documents/line-diff.ts'
import { readDocuments } from '../documents/read-documents.ts'
import { formOf, OUTPUT_OPTIONS, OUTPUT_USAGE, show } from '../output.ts'
import { defineCommand } from '../run-command.ts'

/** `rebootless diff`: docs/as-code.md. */
export const diffCommand = defineCommand({
  about: 'show how files differ from what is kept',
  usage: `Usage: rebootless diff FILE…|- [--server URL]

Shows for each document what applying it would change: of a policy against the one that is kept; of a rollout against
this very one, or else the newest of its name. Both with all defaults filled in.
${OUTPUT_USAGE}
${SERVER_USAGE}

Exit status: 0 nothing differs, 1 something does, 2 it could not be told.`,
  options: { ...SERVER_OPTIONS, ...OUTPUT_OPTIONS },
  failure: 2,
  async run(values, files) {
    const form = formOf(values.output)
    const documents = await readDocuments(files)
    return withServer(values, async ({ api }) => {
      const found: { where: string; kept: string | null; lines: string[] }[] = []
      for (const { where, document } of documents) {
        const kept = await readKept(api, document)
        const lines = lineDiff(kept === null ? '' : documentToYaml(kept.document), documentToYaml(document))
        found.push({ where, kept: kept?.what ?? null, lines })
      }
      show(form, found, () =>
        found.flatMap(({ where, kept, lines }) =>
          lines.length === 0 ? [] : [`--- ${kept ?? 'nothing is kept'}`, `+++ ${where}`, ...lines],
        ),
      )
      return found.some(({ lines }) => lines.length > 0) ? 1 : 0
    })
  },
})
