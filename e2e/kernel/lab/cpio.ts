/** One file of an initramfs; `content` of a link is where it points. Folders on the way are made by `cpioArchive`. */
export interface CpioEntry {
  readonly path: string
  readonly kind: 'file' | 'program' | 'link' | 'folder'
  readonly content?: string | Uint8Array
}

const MODE = { file: 0o100644, program: 0o100755, link: 0o120777, folder: 0o040755 }

/**
 * The "newc" format of the kernel's early userspace (Documentation/driver-api/early-userspace/buffer-format.rst). Written
 * here rather than by cpio(1), so that the same entries give the same bytes and nobody has to be root.
 */
export function cpioArchive(entries: CpioEntry[]): Uint8Array {
  const chunks: Uint8Array[] = []
  const known = new Set<string>()
  let inode = 0
  const add = (name: string, mode: number, content: Uint8Array) => {
    inode += 1
    const numbers = [inode, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length + 1, 0]
    const header = `070701${numbers.map((number) => number.toString(16).padStart(8, '0')).join('')}${name}\0`
    chunks.push(padded(Buffer.from(header, 'latin1')), padded(content))
  }
  for (const entry of entries) {
    for (const folder of foldersTo(entry.path)) {
      if (known.has(folder)) continue
      known.add(folder)
      add(folder, MODE.folder, new Uint8Array())
    }
    if (known.has(entry.path)) continue
    known.add(entry.path)
    add(entry.path, MODE[entry.kind], Buffer.from(entry.content ?? ''))
  }
  add('TRAILER!!!', 0, new Uint8Array())
  return Buffer.concat(chunks)
}

function foldersTo(file: string): string[] {
  const parts = file.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

function padded(bytes: Uint8Array): Uint8Array {
  const rest = bytes.length % 4
  return rest === 0 ? bytes : Buffer.concat([bytes, new Uint8Array(4 - rest)])
}
