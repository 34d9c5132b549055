import path from 'node:path'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { moduleList } from './module-list.ts'

/**
 * What every page needs, apart from what one page needs, so that a change of a page does not cost the shell's cache. The
 * names are those that `.size-limit.json` counts.
 */
const chunkOf = (moduleId: string): string | undefined => {
  if (/node_modules\/(react|react-dom|scheduler)\//.test(moduleId)) return 'first-react'
  if (
    /node_modules\/@tanstack\/(react-router|router-core|history|store|react-store|query-core|react-query)\//.test(
      moduleId,
    )
  )
    return 'first-routing'
  if (/\/web\/src\/(api\/|ui\/(button|notice|host-text|state-glyph)\.)/.test(moduleId)) return 'first-parts'
  if (/node_modules\/lucide-react\/dist\/esm\/(?!icons\/|lucide-react)|\/icons\/rotate-cw\./.test(moduleId))
    return 'first-parts'
  return undefined
}

/** A chunk takes what its modules need along, so what every page needs is shared out first. */
const CHUNKS = [
  { name: (moduleId: string) => chunkOf(moduleId) ?? null, priority: 2, debugName: 'first' },
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
