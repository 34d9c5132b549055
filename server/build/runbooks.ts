import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { ALERT_RULE_IDS } from '../../shared/domain/alerts/alert-words.ts'

/** Template literals, in which these three have a meaning. */
const escaped = (text: string) => text.replace(/[\\`]|\$\{/g, '\\$&')

/** The runbooks as a module, since the server is one file and brings no documents. */
export const runbookTexts = async (root: string): Promise<string> => {
  const texts = await Promise.all(
    ALERT_RULE_IDS.map(async (id) => {
      const text = await readFile(path.join(root, 'docs/runbooks', `${id}.md`), 'utf8')
      return `  '${id}': \`${escaped(text)}\`,`
    }),
  )
  return `import type { AlertRuleId } from '@rebootless/shared/domain/alerts/alert-words.ts'

/** Written from docs/runbooks by server/build/write-runbooks.ts. */
export const RUNBOOKS: Readonly<Record<AlertRuleId, string>> = {
${texts.join('\n')}
}
`
}
