import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Plugin } from 'vite'

const ROOT = path.resolve(import.meta.dirname, '..')
const CSS_IMPORT = /^@import\s+["']([^"']+)["']/gm

/**
 * Writes which modules and files went into the pages, for their bill of materials (server/build/write-bill.ts): paths from the repository's root, and
 * names such as `\0vite/preload-helper.js` of what the bundler itself puts in. The worker is bundled on its own, so it
 * has a plugin of its own that adds to the same list.
 */
export const moduleList = (): { pages: Plugin; worker: Plugin } => {
  const found = new Set<string>()
  let folder = ''
  const add = (id: string) => found.add(id.startsWith('\0') ? id : path.relative(ROOT, id.split('?')[0] ?? id))
  const collect: Plugin['generateBundle'] = (_options, bundle) => {
    for (const output of Object.values(bundle)) {
      if (output.type === 'asset') {
        for (const name of output.originalFileNames) add(path.resolve(import.meta.dirname, name))
        continue
      }
      for (const [id, { renderedLength }] of Object.entries(output.modules)) {
        if (id.endsWith('.css')) for (const sheet of withImports(id)) add(sheet)
        else if (renderedLength > 0) add(id)
      }
    }
  }
  return {
    worker: { name: 'module-list-of-worker', generateBundle: collect },
    pages: {
      name: 'module-list',
      generateBundle: collect,
      configResolved: ({ root, build }) => {
        // Where Vite has lists of its own; the server gives out no file of such a name.
        folder = path.resolve(root, build.outDir, '.vite')
      },
      closeBundle: () => {
        mkdirSync(folder, { recursive: true })
        writeFileSync(path.join(folder, 'modules.json'), JSON.stringify([...found].sort()))
      },
    },
  }
}

/** A style sheet and those that it imports, which the bundler merges without naming them. */
const withImports = (sheet: string): string[] => [
  sheet,
  ...[...readFileSync(sheet, 'utf8').matchAll(CSS_IMPORT)].flatMap(([, name = '']) =>
    withImports(name.startsWith('.') ? path.resolve(path.dirname(sheet), name) : sheetOfPackage(name, sheet)),
  ),
]

/** `package/file.css`, or `package` alone, which names its sheet in its manifest. */
const sheetOfPackage = (name: string, from: string): string => {
  const [, packageName = '', file] = /^((?:@[^/]+\/)?[^/]+)(?:\/(.+))?$/.exec(name) ?? []
  for (let folder = path.dirname(from); ; folder = path.dirname(folder)) {
    const place = path.join(folder, 'node_modules', packageName)
    if (existsSync(place)) {
      return path.join(place, file ?? JSON.parse(readFileSync(path.join(place, 'package.json'), 'utf8')).style)
    }
    if (folder === path.dirname(folder)) throw new Error(`${from} imports ${name}, which is not installed`)
  }
}
