/** Writes README's table of capabilities anew from what the providers declare: node --import tsx server/build/write-capability-table.ts */
import { readFile, writeFile } from 'node:fs/promises'
import { withCapabilityTable } from './capability-table.ts'

const readme = new URL('../../README.md', import.meta.url)
await writeFile(readme, withCapabilityTable(await readFile(readme, 'utf8')))
