import path from 'node:path'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { moduleList } from './module-list.ts'

/** What every page needs, apart from what one page needs, so that a change of a page does not cost the shell's cache. */
const chunkOf = (moduleId: string): string | undefined => {
  if (/node_modules\/(react|react-dom|scheduler)\//.test(moduleId)) return 'first-react'
  if (
    /node_modules\/@tanstack\/(react-router|router-core|history|store|react-store|query-core|react-query)\//.test(
      moduleId,
    )
  )
    return 'first-routing'
  if (
    /^\0vite\/|\/web\/src\/(api\/|features\/access\/queries\.|ui\/(button|notice|host-text|state-glyph)\.)/.test(
      moduleId,
    )
  )
    return 'first-parts'
  if (/node_modules\/lucide-react\/dist\/esm\/(?!icons\/|lucide-react)|\/icons\/rotate-cw\./.test(moduleId))
    return 'first-parts'
  return undefined
}

interface ModuleGraph {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null
}

/** Which modules a module needs, itself too, but for what is imported only when it is wanted. */
const neededBy = (start: string) => {
  let needed: Set<string> | undefined
  return (moduleId: string, graph: ModuleGraph): boolean => {
    if (needed === undefined) {
      needed = new Set([start])
      for (const id of needed) for (const imported of graph.getModuleInfo(id)?.importedIds ?? []) needed.add(imported)
    }
    return needed.has(moduleId)
  }
}
const isNeededFirst = neededBy(path.join(import.meta.dirname, 'src/main.tsx'))
const isNeededByShell = neededBy(path.join(import.meta.dirname, 'src/shell/shell.tsx'))
const shellOf = (moduleId: string, graph: ModuleGraph): string | null =>
  isNeededByShell(moduleId, graph) && !isNeededFirst(moduleId, graph) ? 'shell' : null

/** A chunk takes what its modules need along, so what every page needs is shared out first. */
const CHUNKS = [
  { name: (moduleId: string) => chunkOf(moduleId) ?? null, priority: 2, debugName: 'first' },
  // In one file, since each of twenty would take a way to the server.
  { name: shellOf, priority: 1, debugName: 'shell' },
  // Two pages draw charts; neither is to carry the other's.
  { name: 'charts', test: /node_modules\/recharts\//, priority: 1 },
]

/** A service worker keeps its name, by which browsers ask for its next version. */
const PUSH_WORKER = 'push-worker'

const modules = moduleList()

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwindcss(), modules.pages],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    manifest: true,
    target: 'es2022',
    // The content security policy allows no data: URL for fonts and pictures.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: {
        index: path.join(import.meta.dirname, 'index.html'),
        [PUSH_WORKER]: path.join(import.meta.dirname, 'src/features/push/push-worker.ts'),
      },
      output: {
        codeSplitting: { groups: CHUNKS },
        entryFileNames: ({ name }) => (name === PUSH_WORKER ? `${PUSH_WORKER}.js` : 'assets/first-[hash].js'),
      },
    },
  },
  worker: { format: 'es', plugins: () => [modules.worker] },
  server: { proxy: { '/api': `http://127.0.0.1:${process.env.PORT ?? 8080}` } },
})
