import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** What every page needs, apart from what one page needs, so that a change of a page does not cost the shell's cache. */
const chunkOf = (moduleId: string): string | undefined => {
  if (/node_modules\/(react|react-dom|scheduler)\//.test(moduleId)) return 'react'
  if (
    /node_modules\/@tanstack\/(react-router|router-core|history|store|react-store|query-core|react-query)\//.test(
      moduleId,
    )
  )
    return 'routing'
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
    rollupOptions: { output: { manualChunks: chunkOf } },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
})
