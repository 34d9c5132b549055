import type { KernelFs } from '../kernel/kernel-fs.ts'
import type { HostPrograms } from '../programs/programs.ts'
import { FileTree, treeFs } from '../recorded/tree-fs.ts'
import type { HostFacts } from './provider-host.ts'
import { type TestHostOptions, testProviderHost } from './test-provider-host.ts'

export interface TextMachine {
  readonly fs: KernelFs
  readonly programs: HostPrograms
  readonly facts: HostFacts
  /** Files and folders looked at, and programs run, so far. */
  asked(): number
}

/** The ports that a real agent reads through, over the texts of a test host, with the limits that they keep. */
export const textMachine = (options: TestHostOptions): TextMachine => {
  const tree = new FileTree()
  for (const [path, content] of Object.entries(options.files ?? {})) tree.add(path, content)
  const { kernel, operatingSystem, livepatches, modules } = testProviderHost(options)
  let asked = 0
  return {
    facts: { kernel, operatingSystem, livepatches, modules },
    asked: () => asked,
    fs: treeFs(
      () => {
        asked += 1
        return tree
      },
      async () => ({ ok: true, value: undefined }),
    ),
    programs: {
      async run(program, args, { bytesMax }) {
        asked += 1
        const found = options.programs?.[[program, ...args].join(' ')] ?? { errno: 'ENOENT' }
        if ('errno' in found) return { ok: false, errno: found.errno, detail: 'not run', stdout: '', stderr: '' }
        const { stdout = '', stderr = '' } = found
        const truncated = stdout.length > bytesMax || stderr.length > bytesMax
        return {
          ...{ ok: true, exitCode: truncated ? null : 0, truncated, ...found },
          ...{ stdout: stdout.slice(0, bytesMax), stderr: stderr.slice(0, bytesMax) },
        }
      },
    },
  }
}
