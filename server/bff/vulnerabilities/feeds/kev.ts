import * as z from 'zod'
import { collector, type DocumentReader, dayOf, parseJson, rows } from './document.ts'

const Catalogue = z.object({ vulnerabilities: rows })
const Entry = z.object({
  cveID: z.string().max(64),
  dateAdded: z.string().max(64),
  dueDate: z.string().max(64).optional(),
  knownRansomwareCampaignUse: z.string().max(64).optional(),
})

/**
 * CISA's catalogue, as its JSON schema has it. By id alone: entries of the kernel are listed under Android and others too, so which of
 * them are of the kernel is known by what other feeds say.
 */
export const readKev: DocumentReader = (content) => {
  const all = collector()
  for (const [number, row] of parseJson(content, Catalogue).vulnerabilities.entries()) {
    const entry = Entry.safeParse(row)
    const addedOn = entry.success ? dayOf(entry.data.dateAdded) : null
    if (!entry.success || addedOn === null) {
      all.trouble(`Entry ${number + 1} has no CVE with the day on which it was added.`)
      continue
    }
    const { cveID, dueDate, knownRansomwareCampaignUse } = entry.data
    const ransomware = knownRansomwareCampaignUse === 'Known'
    all.say(cveID, { kind: 'kev', addedOn, dueOn: dayOf(dueDate), ransomware }, addedOn)
  }
  return all.read
}
