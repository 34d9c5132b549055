import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

/** Apart from vite.config.ts, since a start builds the pages without the tests' packages. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  test: {
    name: 'web',
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/test-setup.ts'],
    css: false,
  },
})
