import type { ByteReader } from './byte-reader.ts'
import { refused } from './module-file.ts'

/** A file in a package: its content must be read, or skipped, before the next. */
export interface PackedFile {
  readonly name: string
  readonly size: number
}

export type Container = 'rpm' | 'deb'

export const HEAD_BYTES = 64
const DEB_MARK = Buffer.from('!<arch>\n')
const RPM_MARK = Buffer.from('edabeedb', 'hex')
const RPM_HEADER_MARK = Buffer.from('8eade801', 'hex')
const RPM_LEAD_BYTES = 96
const NAME_BYTES_MAX = 4096
const MEMBERS_MAX = 100

export const containerOf = (head: Buffer): Container | null => {
  if (head.subarray(0, 8).equals(DEB_MARK)) return 'deb'
  if (head.subarray(0, 4).equals(RPM_MARK)) return 'rpm'
  return null
}

/**
 * Goes to where a package's files are: the packed archive that follows, and how long it is where that is said.
 * Sources: deb(5) and ar(5); rpm's docs/manual/format_v4.md. @throws DomainError `artefact_refused`
 */
export const findPayload = async (reader: ByteReader, container: Container): Promise<number | undefined> =>
  container === 'rpm' ? await passRpmHeaders(reader) : await findDebData(reader)

const passRpmHeaders = async (reader: ByteReader): Promise<undefined> => {
  await reader.take(RPM_LEAD_BYTES)
  // The signature's header fills up to eight bytes, the other does not.
  await passRpmHeader(reader)
  await reader.align(8)
  await passRpmHeader(reader)
}

const passRpmHeader = async (reader: ByteReader): Promise<void> => {
  const intro = await reader.take(16)
  if (!intro.subarray(0, 4).equals(RPM_HEADER_MARK))
    throw refused('The package is damaged: rpm’s headers are not there.')
  await reader.skip(intro.readUInt32BE(8) * 16 + intro.readUInt32BE(12))
}

const findDebData = async (reader: ByteReader): Promise<number> => {
  await reader.take(DEB_MARK.length)
  for (let member = 0; member < MEMBERS_MAX; member += 1) {
    const header = (await reader.take(60)).toString('latin1')
    const size = header.slice(48, 58).trim()
    if (header.slice(58) !== '`\n' || !/^\d{1,10}$/.test(size))
      throw refused('The package is damaged: ar’s headers are not there.')
    if (header.startsWith('data.tar')) return Number(size)
    await reader.skip(Number(size))
    await reader.align(2)
  }
  throw refused('The package is damaged: it has no data.tar.')
}

export const filesOf = (container: Container, reader: ByteReader): AsyncGenerator<PackedFile> =>
  container === 'rpm' ? cpioFiles(reader) : tarFiles(reader)

/** tar(5), ustar with GNU's and POSIX's long names. */
async function* tarFiles(reader: ByteReader): AsyncGenerator<PackedFile> {
  let longName: string | undefined
  for (;;) {
    const header = await reader.peek(512)
    if (header.length === 0 || header.every((byte) => byte === 0)) return
    await reader.take(512)
    const text = (from: number, to: number) => header.toString('latin1', from, to).split('\0')[0] ?? ''
    const size = text(124, 136).trim()
    if (!/^[0-7]{1,11}$/.test(size) || text(257, 262) !== 'ustar')
      throw refused('The package is damaged: tar’s headers are not there.')
    const bytes = Number.parseInt(size, 8)
    const type = text(156, 157)
    const start = reader.position
    if (type === 'L' || type === 'x') {
      if (bytes > NAME_BYTES_MAX) throw refused('A file in the package has a name that is longer than any.')
      longName = nameIn((await reader.take(bytes)).toString('latin1'), type) ?? longName
    } else {
      const prefix = text(345, 500)
      if (type === '' || type === '0')
        yield { name: longName ?? (prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`), size: bytes }
      longName = undefined
      await reader.skip(bytes - (reader.position - start))
    }
    await reader.align(512)
  }
}

const nameIn = (content: string, type: 'L' | 'x'): string | undefined =>
  type === 'L' ? content.split('\0')[0] : /^\d+ path=(.*)$/m.exec(content)?.[1]

/** cpio(5), the new ASCII format, as rpm packs it. */
async function* cpioFiles(reader: ByteReader): AsyncGenerator<PackedFile> {
  const origin = reader.position
  for (;;) {
    const header = (await reader.take(110)).toString('latin1')
    if (!/^07070[12][0-9A-Fa-f]{104}$/.test(header))
      throw refused('The package is damaged: cpio’s headers are not there.')
    const field = (index: number) => Number.parseInt(header.slice(6 + index * 8, 14 + index * 8), 16)
    const [mode, size, nameBytes] = [field(1), field(6), field(11)]
    if (nameBytes > NAME_BYTES_MAX) throw refused('A file in the package has a name that is longer than any.')
    const name = (await reader.take(nameBytes)).toString('latin1').split('\0')[0] ?? ''
    if (name === 'TRAILER!!!') return
    await reader.align(4, origin)
    const start = reader.position
    if ((mode & 0o170000) === 0o100000) yield { name, size }
    await reader.skip(size - (reader.position - start))
    await reader.align(4, origin)
  }
}
