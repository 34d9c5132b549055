/** Writes server/bff/alerts/runbook-texts.ts anew from docs/runbooks: node --import tsx server/build/write-runbooks.ts */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { runbookTexts } from './runbooks.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
await writeFile(`${root}/server/bff/alerts/runbook-texts.ts`, await runbookTexts(root))
