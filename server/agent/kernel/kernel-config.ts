import { gunzip } from 'node:zlib'
import type { KernelFs } from './kernel-fs.ts'

const CONFIG_BYTES_MAX = 2 * 1024 * 1024

export interface KernelConfig {
  livepatch: boolean
  reliableStackTraces: boolean
}

/** /proc/config.gz (CONFIG_IKCONFIG_PROC), or the copy that distributions put beside the kernel; null: neither is there. */
export const readKernelConfig = async (fs: KernelFs, release: string): Promise<KernelConfig | null> => {
  const packed = await fs.readBytes?.('/proc/config.gz', CONFIG_BYTES_MAX)
  const text = packed?.ok ? await unpack(packed.value) : null
  if (text !== null) return parseKernelConfig(text)
  if (!/^[\w.+~-]+$/.test(release)) return null // it becomes part of a path
  for (const path of [`/boot/config-${release}`, `/lib/modules/${release}/config`]) {
    const plain = await fs.read(path, CONFIG_BYTES_MAX)
    if (plain.ok) return parseKernelConfig(plain.value)
  }
  return null
}

const unpack = (bytes: Uint8Array): Promise<string | null> =>
  new Promise((resolve) => {
    gunzip(bytes, { maxOutputLength: CONFIG_BYTES_MAX }, (error, text) => resolve(error ? null : text.toString('utf8')))
  })

/** `CONFIG_X=y`, or a comment that it is not set: Documentation/kbuild/kconfig.rst. Anything else is no config. */
export const parseKernelConfig = (text: string): KernelConfig | null => {
  if (!/^CONFIG_/m.test(text)) return null
  return {
    livepatch: /^CONFIG_LIVEPATCH=y$/m.test(text),
    reliableStackTraces: /^CONFIG_HAVE_RELIABLE_STACKTRACE=y$/m.test(text),
  }
}
