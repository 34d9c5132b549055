/** Records kept; a real buffer holds as many of them as fit in 2^CONFIG_LOG_BUF_SHIFT bytes. */
const RECORDS_MAX = 2_000

/** The kernel's log, as /dev/kmsg gives it: Documentation/ABI/testing/dev-kmsg. */
export class KernelLog {
  #records: string[] = []
  #sequence = 0
  readonly #followers = new Set<(record: string) => void>()

  /** `PRIORITY,SEQUENCE,MICROSECONDS,-;TEXT` */
  append(priority: number, atUs: number, text: string): void {
    const record = `${priority},${this.#sequence},${Math.floor(atUs)},-;${escaped(text)}\n`
    this.#sequence += 1
    this.#records.push(record)
    if (this.#records.length > RECORDS_MAX) this.#records = this.#records.slice(-RECORDS_MAX / 2)
    for (const follower of [...this.#followers]) follower(record)
  }

  /** Oldest first. */
  get records(): readonly string[] {
    return this.#records
  }

  /** All records there are, then each as it comes. @returns how to stop */
  follow(onRecord: (record: string) => void): () => void {
    for (const record of [...this.#records]) onRecord(record)
    this.#followers.add(onRecord)
    return () => this.#followers.delete(onRecord)
  }
}

/** Whatever is not a printable ASCII character shows as `\xNN`, so that no text can begin a record of its own. */
const escaped = (text: string): string => {
  if (/^[ -[\]-~]*$/.test(text)) return text
  const bytes = [...new TextEncoder().encode(text)]
  return bytes
    .map((byte) =>
      byte < 0x20 || byte > 0x7e || byte === 0x5c
        ? `\\x${byte.toString(16).padStart(2, '0')}`
        : String.fromCharCode(byte),
    )
    .join('')
}
