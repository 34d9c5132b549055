/** Writes docs/threat-model.md anew from the tests' titles: node --import tsx server/build/write-threat-model.ts */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { readProvingTests, threatModelPage } from './threat-model.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
await writeFile(`${root}/docs/threat-model.md`, threatModelPage(await readProvingTests(root)))
