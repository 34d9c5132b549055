import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { OPEN, OPEN_PARTS } from './threat-model-open.ts'
import { REQUIREMENTS } from './threat-model-requirements.ts'

/** Titles of tests that name a number, by file and in their order. */
export type ProvingTests = ReadonlyMap<string, readonly string[]>

const FOLDERS = ['shared', 'server', 'web/src', 'e2e']
const TEST_FILE = /\.(test|spec)\.tsx?$/
const LEFT_OUT = /(^|\/)(node_modules|dist|captures|\.cache)(\/|$)/
/** What a call is given first, and begins with numbers: in test files that is a title. */
const TITLE = /\(\s*(['"`])(T\d\d(?:,? T\d\d)* [^\n]*?[^\\\n])\1/g

/** The titles in one file's text. */
export const provingTitles = (text: string): string[] => [
  ...new Set([...text.matchAll(TITLE)].map(([, , title = '']) => title.replaceAll("\\'", "'"))),
]

/** Reads every test file of the repository at `root`. */
export const readProvingTests = async (root: string): Promise<ProvingTests> => {
  const found = new Map<string, readonly string[]>()
  for (const folder of FOLDERS) {
    const files = await readdir(path.join(root, folder), { recursive: true })
    for (const file of files.filter((name) => TEST_FILE.test(name) && !LEFT_OUT.test(name)).sort()) {
      const titles = provingTitles(await readFile(path.join(root, folder, file), 'utf8'))
      if (titles.length > 0) found.set(`${folder}/${file}`, titles)
    }
  }
  return found
}

const NUMBER = /^T\d\d$/
const LEADING_NUMBERS = /^(T\d\d,? )+/
/** `T01 T03 over TLS …` → T01, T03. */
export const numbersOf = (title: string): string[] => {
  const words = title.split(/,? /)
  const end = words.findIndex((word) => !NUMBER.test(word))
  return words.slice(0, end < 0 ? words.length : end)
}

const testsOf = (number: string, tests: ProvingTests): [string, string[]][] =>
  [...tests].flatMap(([file, titles]) => {
    const own = titles.filter((title) => numbersOf(title).includes(number))
    return own.length === 0 ? [] : [[file, own] as [string, string[]]]
  })

export const requirementNumbers = (): string[] =>
  REQUIREMENTS.flatMap(({ requirements }) => requirements.map(({ number }) => number))

/** Numbers that have no test and are not declared open, declared open and have one, or named by tests and not known. */
export const judge = (tests: ProvingTests): { missing: string[]; noLongerOpen: string[]; unknown: string[] } => {
  const numbers = requirementNumbers()
  const proven = new Set([...tests.values()].flat().flatMap(numbersOf))
  return {
    missing: numbers.filter((number) => !proven.has(number) && !Object.hasOwn(OPEN, number)),
    noLongerOpen: Object.keys(OPEN).filter((number) => proven.has(number)),
    unknown: [...proven].filter((number) => !numbers.includes(number)).sort(),
  }
}

const HEAD = `# Threat model

Whoever owns Rebootless owns every kernel that it reaches. Each requirement here has a number; the tests below it prove it,
and have the number in their titles. This page is written from those titles by
\`node --import tsx server/build/write-threat-model.ts\`, and a test fails when it is not what that would write.

**To protect, in this order:** the running kernels, for loading code and taking a fix away are one crime; the keys of
approvers, of the certificate authority, and of the server; the truth of what is shown and of the audit log; the inventory,
since who is exposed is a list of targets; the power to stop.

**Against:** strangers, and pages that an operator visits; users beyond their role; one approver or admin who turned or was
tricked; root, or anybody who chooses the name of a process, on one host; whoever holds the server or its database with all
keys in them; bad patches; crashes, power cuts, partitions, wrong clocks. **Not against:** root on its own host, enough
approvers together, a hole in the kernel itself.

**Borders:** browser, server, database, agent, kernel. What crosses one is parsed by the contract on arrival.

**Two signatures and a veto.** An *authorisation* says what is to be done, to which hosts, from when and until when; approvers
sign its exact bytes with keys that the server never holds. A *command* says now; the server signs it. The host's own
\`agent.json\` names the approvers' keys, how many must sign, and its class, and has the last word. So whoever steals the server
can delay or stop what people approved, and nothing else.
`

/** Titles hold what formats them, and names of functions: as code none of it means anything to Markdown. */
const code = (text: string) => (text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``)

/** The whole page. */
export const threatModelPage = (tests: ProvingTests): string => {
  const groups = REQUIREMENTS.map(({ title, requirements }) => {
    const parts = requirements.map(({ number, name, text }) => {
      const proofs = testsOf(number, tests).map(([file, titles]) => {
        const said = titles.map((each) => `  - ${code(each.replace(LEADING_NUMBERS, ''))}`)
        return [`- [${file}](../${file})`, ...said].join('\n')
      })
      const open = OPEN[number]
      if (open !== undefined) proofs.push(`- Open: waits for ${open}.`)
      const part = OPEN_PARTS[number]
      if (part !== undefined) proofs.push(`- Open in part: ${part.part}; waits for ${part.waitsFor}.`)
      return `### ${number} ${name}\n\n${text}\n\n${proofs.join('\n')}`
    })
    return `## ${title}\n\n${parts.join('\n\n')}`
  })
  return `${HEAD}\n${groups.join('\n\n')}\n`
}
