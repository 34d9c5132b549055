import path from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'faults',
    root: path.join(import.meta.dirname, '..'),
    include: ['faults/**/*.test.ts'],
    // What a fault costs is measured, in seconds: one at a time.
    pool: 'forks',
    fileParallelism: false,
    // What must not take long has a limit of its own; this one is for machines with other work.
    testTimeout: 600_000,
    hookTimeout: 120_000,
  },
})
