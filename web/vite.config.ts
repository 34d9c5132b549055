import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

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
  // Two pages draw charts; neither is to carry the other's.
  if (/node_modules\/(recharts|victory-vendor)\//.test(moduleId)) return 'charts'
  return undefined
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwindcss()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy allows no data: URL for fonts and pictures.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { output: { manualChunks: chunkOf, entryFileNames: 'assets/first-[hash].js' } },
  },
  worker: { format: 'es' },
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
})
