/** Folders of arch/ in the kernel's source from which a kernel of this `uname -m` is built. */
const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  x86_64: ['x86'],
  ...Object.fromEntries(['i386', 'i486', 'i586', 'i686'].map((name) => [name, ['x86']])),
  // arm64 builds files of arch/arm as well (arch/arm64/xen/Makefile, formerly virt/kvm/arm).
  aarch64: ['arm64', 'arm'],
  ...{ ppc64le: ['powerpc'], ppc64: ['powerpc'], s390x: ['s390'], riscv64: ['riscv'], loongarch64: ['loongarch'] },
}

/**
 * The folder below arch/ that alone has the fault, where this architecture is built without it.
 * @param files that the fix changes
 * @returns null: some file is built here, or it cannot be told
 */
export const foreignArchitecture = (files: readonly string[], architecture: string): string | null => {
  const own = Object.hasOwn(FOLDERS, architecture) ? FOLDERS[architecture] : undefined
  if (own === undefined || files.length === 0) return null
  const folders = files.map((file) => /^arch\/([a-z0-9]+)\//.exec(file)?.[1] ?? null)
  const [first] = folders
  if (first === undefined || folders.some((folder) => folder === null || own.includes(folder))) return null
  return `arch/${first}`
}
