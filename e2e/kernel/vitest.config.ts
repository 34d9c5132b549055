import path from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'kernel',
    root: path.join(import.meta.dirname, '..'),
    // And what is watched by others’ programs, which are Debian’s too.
    include: ['kernel/**/*.test.ts', 'monitoring/**/*.test.ts'],
    // QEMU ends with the process that started it, so that must be a process and not a thread of one.
    pool: 'forks',
    // Two emulated processors each: side by side the machines would only be late.
    fileParallelism: false,
    // The first run downloads kernels and builds modules.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
})
